import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load, store } from '#atomics'
import { EMPTY } from '../../lib/ring-buffer/index.js'
import {
  ASKED,
  Asker,
  answered,
  askedBy,
  NOTICES,
  RESCAN,
  recover,
  takeNews,
  takeQuestions,
  tellHost,
} from '../../lib/scheduler/index.js'
import { makeTeam } from './team.js'

test('a question is there until it is answered', () => {
  const memory = makeTeam()
  assert.not(takeQuestions(memory))
  assert.is(askedBy(memory, 2), EMPTY)
  const asker = new Asker(memory, 2)
  for (const id of [0, 7]) {
    asker.ask(id)
    assert.not(asker.isAnswered())
    assert.ok(takeQuestions(memory))
    assert.not(takeQuestions(memory), 'told twice')
    assert.equal([askedBy(memory, 1), askedBy(memory, 2)], [EMPTY, id])
    answered(memory, 2, id)
    assert.ok(asker.isAnswered())
    assert.is(askedBy(memory, 2), EMPTY)
  }
})

test('a question and a full ring are told by bits of their own', () => {
  const memory = makeTeam()
  store(memory.words, NOTICES, RESCAN)
  assert.not(takeQuestions(memory))
  new Asker(memory, 1).ask(3)
  assert.is(load(memory.words, NOTICES), RESCAN | ASKED)
  assert.ok(takeQuestions(memory))
  assert.is(load(memory.words, NOTICES), RESCAN)
})

test('news is taken once, and tells of no question', () => {
  const memory = makeTeam()
  assert.not(takeNews(memory))
  tellHost(memory)
  assert.not(takeQuestions(memory))
  assert.ok(takeNews(memory))
  assert.not(takeNews(memory), 'told twice')
})

test('who asks for the next slot before the last answer is noted keeps that question', () => {
  const memory = makeTeam()
  const asker = new Asker(memory, 1)
  asker.ask(0)
  asker.ask(1) // the message of slot 0 has woken it
  answered(memory, 1, 0)
  assert.not(asker.isAnswered())
  assert.is(askedBy(memory, 1), 1)
})

test('the question of a dead worker is forgotten, and those of others are not', () => {
  const memory = makeTeam()
  new Asker(memory, 1).ask(4)
  new Asker(memory, 2).ask(5)
  recover(memory, 1)
  assert.equal([askedBy(memory, 1), askedBy(memory, 2)], [EMPTY, 5])
})

test.run()
