/**
 * What other projects test of their encoders and parsers, said in our API. Each case is named after the test it
 * comes from. For a parser's case the input is what the parser gives, so that our bytes have to mean the same.
 * Where another encoder strips what could be injected, ours refuses.
 */
import { describe, expect, it } from 'vitest'
import { PIECE_SIZES, parseStream } from '../../test/parse-stream.ts'
import { encodeComment, encodeEvent } from './encode-event.ts'
import type { EventInput } from './server-sent-event.ts'

type Case = readonly [name: string, event: EventInput, block: string]
type Refusal = readonly [name: string, event: EventInput, code: string]

function writes(cases: readonly Case[]): void {
  it.each(cases)('%s', (_name, event, block) => {
    expect(encodeEvent(event)).toBe(block)
    for (const size of PIECE_SIZES) expect(parseStream(block, size).errors).toEqual([])
  })
}

function refuses(cases: readonly Refusal[]): void {
  it.each(cases)('%s: refused', (_name, event, code) => {
    expect(() => encodeEvent(event)).toThrow(expect.objectContaining({ name: 'SseError', code }))
  })
}

const FIELD = 'ERR_SSE_INVALID_FIELD'
const DATA = 'ERR_SSE_INVALID_DATA'
const EVENT = 'ERR_SSE_INVALID_EVENT'

describe('eventsource-encoder', () => {
  writes([
    ['data', { data: 'foo' }, 'data: foo\n\n'],
    ['data + event', { event: 'foo', data: 'bar' }, 'event: foo\ndata: bar\n\n'],
    [
      'data + event + retry',
      { event: 'foo', data: 'bar', retry: 15_000 },
      'retry: 15000\nevent: foo\ndata: bar\n\n',
    ],
    [
      'data + event + retry + id',
      { event: 'foo', data: 'bar', retry: 15_000, id: 1337 },
      'retry: 15000\nevent: foo\ndata: bar\nid: 1337\n\n',
    ],
    ['empty string as data', { event: 'empty', data: '' }, 'event: empty\ndata: \n\n'],
    ['multiline data', { data: 'what\nto\ndo' }, 'data: what\ndata: to\ndata: do\n\n'],
    [
      'multiline data, empty and trailing lines',
      { data: 'what\n\nto\ndo\n\n' },
      'data: what\ndata: \ndata: to\ndata: do\ndata: \ndata: \n\n',
    ],
    ['comment', { comment: 'nei dette' }, ': nei dette\n'],
    ['comment with newlines', { comment: 'nei\ndette' }, ': nei\n: dette\n'],
    ['comment with CRLF', { comment: 'nei\r\ndette' }, ': nei\n: dette\n'],
    ['encodeData: basic', 'okay cool', 'data: okay cool\n\n'],
    ['encodeData: multiline', 'what\nto\ndo', 'data: what\ndata: to\ndata: do\n\n'],
    [
      'encodeData: multiline, empty and trailing lines',
      'what\n\nto\ndo\n\n',
      'data: what\ndata: \ndata: to\ndata: do\ndata: \ndata: \n\n',
    ],
  ])
  refuses([
    ['event with LF', { event: 'message\ndata: pwned', data: 'hi' }, FIELD],
    ['event with CR', { event: 'message\rdata: pwned', data: 'hi' }, FIELD],
    ['event with CRLF', { event: 'message\r\ndata: pwned', data: 'hi' }, FIELD],
    ['id with LF', { id: 'a\nevent: alert', data: 'hi' }, FIELD],
    ['id with CR', { id: 'a\revent: alert', data: 'hi' }, FIELD],
    ['id with CRLF', { id: 'a\r\nevent: alert', data: 'hi' }, FIELD],
  ])
  it.each([
    ['basic', 'nei dette', ': nei dette\n'],
    ['with newlines', 'nei\ndette', ': nei\n: dette\n'],
    ['with CRLF', 'nei\r\ndette', ': nei\n: dette\n'],
  ])('encodeComment: %s', (_name, text, block) => {
    expect(encodeComment(text)).toBe(block)
  })
})

describe('hono streamSSE', () => {
  writes([
    [
      'time-update 0',
      { data: 'Message\nIt is 0', event: 'time-update', id: '0' },
      'event: time-update\ndata: Message\ndata: It is 0\nid: 0\n\n',
    ],
    [
      'time-update 4',
      { data: 'Message\nIt is 4', event: 'time-update', id: '4' },
      'event: time-update\ndata: Message\ndata: It is 4\nid: 4\n\n',
    ],
    ['aborted by client', { data: 'Message 0' }, 'data: Message 0\n\n'],
    [
      'retry',
      { data: 'This is a test message', retry: 3_000 },
      'retry: 3000\ndata: This is a test message\n\n',
    ],
    ['error', { event: 'error', data: 'Test error' }, 'event: error\ndata: Test error\n\n'],
    ['HTML', { data: '<div>Hello</div>' }, 'data: <div>Hello</div>\n\n'],
    ['CR in data', { data: 'a\rb' }, 'data: a\ndata: b\n\n'],
    ['CRLF in data', { data: 'a\r\nb' }, 'data: a\ndata: b\n\n'],
  ])
  refuses([
    ['a promise as data', { data: Promise.resolve('Async Message') }, DATA],
    ['LF in event (CVE-2026-29085)', { event: 'x\ndata: y', data: 'z' }, FIELD],
    ['CR in id (CVE-2026-29085)', { id: '1\rdata: y', data: 'z' }, FIELD],
    ['LF in retry (CVE-2026-29085)', { retry: '1\ndata: y' as never, data: 'z' }, FIELD],
  ])
})

describe('h3 formatEventStreamMessage', () => {
  writes([
    ['comment', { comment: 'hello world' }, ': hello world\n'],
    ['data', { data: 'hello world' }, 'data: hello world\n\n'],
    [
      'all fields',
      { id: '1', event: 'custom-event', retry: 10, data: 'hello world' },
      'retry: 10\nevent: custom-event\ndata: hello world\nid: 1\n\n',
    ],
    ['second of several', { id: '1', data: 'hello world 2' }, 'data: hello world 2\nid: 1\n\n'],
    [
      'multi-line data',
      { data: 'line1\nline2\nline3' },
      'data: line1\ndata: line2\ndata: line3\n\n',
    ],
    [
      'an event within data',
      { data: 'hi\n\nevent: system\ndata: INJECTED' },
      'data: hi\ndata: \ndata: event: system\ndata: data: INJECTED\n\n',
    ],
    ['a field in a comment', { comment: 'hello\ndata: INJECTED' }, ': hello\n: data: INJECTED\n'],
    ['CR in data', { data: 'legit\revent: evil' }, 'data: legit\ndata: event: evil\n\n'],
    [
      'all line ends in data',
      { data: 'line1\r\nline2\rline3\nline4' },
      'data: line1\ndata: line2\ndata: line3\ndata: line4\n\n',
    ],
    [
      'CR CR in data',
      { data: 'first\r\rdata: injected' },
      'data: first\ndata: \ndata: data: injected\n\n',
    ],
    ['CR in a comment', { comment: 'x\rdata: injected' }, ': x\n: data: injected\n'],
    ['U+0000 in event', { event: 'msg\0', data: 'legit' }, 'event: msg\0\ndata: legit\n\n'],
  ])
  refuses([
    ['LF in event', { event: 'message\nevent: admin\ndata: INJECTED', data: 'legit' }, FIELD],
    ['LF in id', { id: '1\ndata: INJECTED', data: 'legit' }, FIELD],
    ['U+0000 in id', { id: '1\0', data: 'legit' }, FIELD],
  ])
})

describe('.NET SseFormatter', () => {
  writes([
    ['item 1', { event: 'eventType1', data: 'data1' }, 'event: eventType1\ndata: data1\n\n'],
    [
      'item 2',
      { event: 'eventType2', data: 'data2', retry: 300 },
      'retry: 300\nevent: eventType2\ndata: data2\n\n',
    ],
    ['item 3', { data: 'data3' }, 'data: data3\n\n'],
    ['item 4, no data', { data: '' }, 'data: \n\n'],
    [
      'item 5',
      { event: 'eventType4', data: 'data4', id: 'id4' },
      'event: eventType4\ndata: data4\nid: id4\n\n',
    ],
    [
      'item 6, every line end',
      { event: 'eventType4', data: 'data\n\r with\nmultiple \rline\r\nbreaks' },
      'event: eventType4\ndata: data\ndata: \ndata:  with\ndata: multiple \ndata: line\ndata: breaks\n\n',
    ],
    ['LF at end', { data: 'LF at end\n' }, 'data: LF at end\ndata: \n\n'],
    ['CR at end', { data: 'CR at end\r' }, 'data: CR at end\ndata: \n\n'],
    ['CRLF at end', { data: 'CRLF at end\r\n' }, 'data: CRLF at end\ndata: \n\n'],
    ['LFCR at end', { data: 'LFCR at end\n\r' }, 'data: LFCR at end\ndata: \ndata: \n\n'],
  ])
  it.each([
    ['one line', 'data1', 'data: data1_suffix\n\n'],
    ['nothing', '', 'data: _suffix\n\n'],
    ['LF at end', 'LF at end\n', 'data: LF at end\ndata: _suffix\n\n'],
    ['CR at end', 'CR at end\r', 'data: CR at end\ndata: _suffix\n\n'],
    ['CRLF at end', 'CRLF at end\r\n', 'data: CRLF at end\ndata: _suffix\n\n'],
    ['LFCR at end', 'LFCR at end\n\r', 'data: LFCR at end\ndata: \ndata: _suffix\n\n'],
  ])('item formatter: %s', (_name, text, block) => {
    const suffixed = (data: unknown) => `${(data as { text: string }).text}_suffix`
    expect(encodeEvent({ data: { text } }, suffixed)).toBe(block)
  })
  it('indented JSON', () => {
    const indented = (data: unknown) => JSON.stringify(data, null, 2)
    expect(encodeEvent({ id: '2', data: { Value: 2 } }, indented)).toBe(
      'data: {\ndata:   "Value": 2\ndata: }\nid: 2\n\n',
    )
  })
})

describe('.NET SseParser', () => {
  writes([
    [
      'specification 1, first',
      'This is the first message.',
      'data: This is the first message.\n\n',
    ],
    [
      'specification 1, second',
      'This is the second message, it\nhas two lines.',
      'data: This is the second message, it\ndata: has two lines.\n\n',
    ],
    ['specification 2, add', { event: 'add', data: '73857293' }, 'event: add\ndata: 73857293\n\n'],
    ['specification 2, remove', { event: 'remove', data: '2153' }, 'event: remove\ndata: 2153\n\n'],
    ['specification 3', 'YHOO\n+2\n10', 'data: YHOO\ndata: +2\ndata: 10\n\n'],
    ['specification 4, comment', { comment: 'test stream' }, ': test stream\n'],
    ['specification 4, first', { data: 'first event', id: '1' }, 'data: first event\nid: 1\n\n'],
    ['specification 4, second', { data: 'second event', id: '' }, 'data: second event\nid: \n\n'],
    ['specification 4, third', { data: ' third event' }, 'data:  third event\n\n'],
    ['specification 4, id', { data: ' third event', id: '42' }, 'data:  third event\nid: 42\n\n'],
    ['specification 5, first', '', 'data: \n\n'],
    ['specification 5, second', '\n', 'data: \ndata: \n\n'],
    ['specification 6', 'test', 'data: test\n\n'],
    [
      'items A',
      { event: 'A', data: '1', id: '2', retry: 300 },
      'retry: 300\nevent: A\ndata: 1\nid: 2\n\n',
    ],
    [
      'items B',
      { event: 'B', data: '4', id: '5', retry: 600 },
      'retry: 600\nevent: B\ndata: 4\nid: 5\n\n',
    ],
    ['retry', { data: 'second event', retry: 42 }, 'retry: 42\ndata: second event\n\n'],
    [
      'OpenAI, chunk',
      { data: { id: 'xxx', choices: [{ delta: { content: '!' }, finish_reason: null }] } },
      'data: {"id":"xxx","choices":[{"delta":{"content":"!"},"finish_reason":null}]}\n\n',
    ],
    ['OpenAI, end', '[DONE]', 'data: [DONE]\n\n'],
    ['long lines, 3', '3 3 3 ', 'data: 3 3 3 \n\n'],
    [
      'JSON over several lines',
      '{\n   "title": "1984",\n   "genre": "Fiction"\n}',
      'data: {\ndata:    "title": "1984",\ndata:    "genre": "Fiction"\ndata: }\n\n',
    ],
  ])
  refuses([
    ['retry above 32 bits', { data: 'x', retry: 12_345_678_910 }, FIELD],
    ['retry that is text', { data: 'x', retry: 'invalidmilliseconds' as never }, FIELD],
  ])
})

describe('axum Event', () => {
  writes([
    ['a leading tab', { data: '\tfoobar' }, 'data: \tfoobar\n\n'],
    ['a leading space', { data: ' foobar' }, 'data:  foobar\n\n'],
    [
      'data and comment',
      { data: 'one', comment: 'this is a comment' },
      ': this is a comment\ndata: one\n\n',
    ],
    ['json_data', { data: { foo: 'bar' } }, 'data: {"foo":"bar"}\n\n'],
    [
      'event, retry and id',
      { event: 'three', retry: 30_000, id: 'unique-id' },
      'retry: 30000\nevent: three\ndata: \nid: unique-id\n\n',
    ],
    ['keep-alive text', { comment: 'keep-alive-text' }, ': keep-alive-text\n'],
    ['keep-alive default', { comment: '' }, ':\n'],
    ['retry of 1 ms', { retry: 1, data: '' }, 'retry: 1\ndata: \n\n'],
    ['retry of 42 ms', { retry: 42, data: '' }, 'retry: 42\ndata: \n\n'],
    ['retry of 420 ms', { retry: 420, data: '' }, 'retry: 420\ndata: \n\n'],
    ['retry of 4 s and 20 ms', { retry: 4_020, data: '' }, 'retry: 4020\ndata: \n\n'],
    ['splitting: separator alone', '\n', 'data: \ndata: \n\n'],
    ['splitting: none', '\u0001', 'data: \u0001\n\n'],
    ['splitting: at the end', '\u0001\n', 'data: \u0001\ndata: \n\n'],
    ['splitting: at the start', '\n\u0001', 'data: \ndata: \u0001\n\n'],
    ['splitting: two', '\u0001\n\n\u0001', 'data: \u0001\ndata: \ndata: \u0001\n\n'],
  ])
  refuses([
    ['event with LF panics', { event: 'a\nb' }, FIELD],
    ['event with CR panics', { event: 'a\rb' }, FIELD],
    ['id with U+0000 panics', { id: 'a\0b' }, FIELD],
  ])
})

describe('sse-starlette', () => {
  writes([
    ['a string', 'foo', 'data: foo\n\n'],
    ['data, event', { data: 'foo', event: 'bar' }, 'event: bar\ndata: foo\n\n'],
    [
      'data, event, id',
      { data: 'foo', event: 'bar', id: 'xyz' },
      'event: bar\ndata: foo\nid: xyz\n\n',
    ],
    [
      'data, event, id, retry',
      { data: 'foo', event: 'bar', id: 'xyz', retry: 1 },
      'retry: 1\nevent: bar\ndata: foo\nid: xyz\n\n',
    ],
    ['comment', { comment: 'a comment' }, ': a comment\n'],
    ['data, comment', { data: 'foo', comment: 'a comment' }, ': a comment\ndata: foo\n\n'],
    ['JSON', { data: { foo: 'bar' } }, 'data: {"foo":"bar"}\n\n'],
    ['JSON, event', { data: { foo: 'bar' }, event: 'baz' }, 'event: baz\ndata: {"foo":"bar"}\n\n'],
    [
      'JSON, event, id',
      { data: { foo: 'bar' }, event: 'baz', id: 'xyz' },
      'event: baz\ndata: {"foo":"bar"}\nid: xyz\n\n',
    ],
    [
      'JSON, event, id, retry',
      { data: { foo: 'bar' }, event: 'baz', id: 'xyz', retry: 1 },
      'retry: 1\nevent: baz\ndata: {"foo":"bar"}\nid: xyz\n\n',
    ],
    [
      'JSON, comment',
      { data: { foo: 'bar' }, comment: 'a comment' },
      ': a comment\ndata: {"foo":"bar"}\n\n',
    ],
    [
      'multiline data, LF',
      { event: 'event', data: 'foo\nbar\nxyz' },
      'event: event\ndata: foo\ndata: bar\ndata: xyz\n\n',
    ],
    [
      'multiline data, CR',
      { event: 'event', data: 'foo\rbar\rxyz' },
      'event: event\ndata: foo\ndata: bar\ndata: xyz\n\n',
    ],
    [
      'multiline data, CRLF',
      { event: 'event', data: 'foo\r\nbar\r\nxyz' },
      'event: event\ndata: foo\ndata: bar\ndata: xyz\n\n',
    ],
    ['a number as data', { data: 0, retry: 1 }, 'retry: 1\ndata: 0\n\n'],
  ])
  refuses([
    ['retry that is no number', { data: 0, retry: 'ten' as never }, FIELD],
    ['bytes', { data: new Uint8Array([100]) }, DATA],
  ])
})

describe('better-sse EventBuffer', () => {
  writes([
    ['event', { event: 'test' }, 'event: test\ndata: \n\n'],
    ['data', { data: 'test' }, 'data: test\n\n'],
    ['data as JSON', { data: { hello: 'world' } }, 'data: {"hello":"world"}\n\n'],
    ['id', { id: '12345678' }, 'id: 12345678\n\n'],
    ['retry', { retry: 8_000 }, 'retry: 8000\n'],
    ['comment', { comment: 'test' }, ': test\n'],
    ['comment without a value', { comment: '' }, ':\n'],
    [
      'push',
      { data: 'test-data', event: 'test-type', id: 'test-id' },
      'event: test-type\ndata: test-data\nid: test-id\n\n',
    ],
    ['sanitize: leading LF', '\n123456', 'data: \ndata: 123456\n\n'],
    ['sanitize: inner LF', '123\n456', 'data: 123\ndata: 456\n\n'],
    ['sanitize: leading CR', '\r123456', 'data: \ndata: 123456\n\n'],
    ['sanitize: inner CR', '123\r456', 'data: 123\ndata: 456\n\n'],
    ['sanitize: leading CRLF', '\r\n123456', 'data: \ndata: 123456\n\n'],
    ['sanitize: inner CRLF', '123\r\n456', 'data: 123\ndata: 456\n\n'],
    ['sanitize: a trailing LF, which stays', '123456\n', 'data: 123456\ndata: \n\n'],
    [
      'sanitize: three trailing LF, which stay',
      '123456\n\n\n',
      'data: 123456\ndata: \ndata: \ndata: \n\n',
    ],
  ])
  refuses([['dispatch of nothing', {}, EVENT]])
  it('a serializer of its own', () => {
    const serialize = (value: unknown) => `${JSON.stringify(value)}123`
    expect(encodeEvent({ data: { a: 1 } }, serialize)).toBe('data: {"a":1}123\n\n')
  })
})

describe('graphql-sse', () => {
  writes([
    ['ping', { comment: '' }, ':\n'],
    [
      'next of a query',
      { event: 'next', data: { data: { getValue: 'value' } } },
      'event: next\ndata: {"data":{"getValue":"value"}}\n\n',
    ],
    ['complete', { event: 'complete', data: '' }, 'event: complete\ndata: \n\n'],
    ['complete without data', { event: 'complete' }, 'event: complete\ndata: \n\n'],
    [
      'next of a subscription',
      { event: 'next', data: { data: { greetings: 'Hi' } } },
      'event: next\ndata: {"data":{"greetings":"Hi"}}\n\n',
    ],
    [
      'next of a single connection',
      { event: 'next', data: { id: '1', payload: { data: { getValue: 'value' } } } },
      'event: next\ndata: {"id":"1","payload":{"data":{"getValue":"value"}}}\n\n',
    ],
    [
      'parser: whole message',
      { event: 'next', data: { iAm: 'data' } },
      'event: next\ndata: {"iAm":"data"}\n\n',
    ],
    [
      'parser: comment',
      { comment: 'I am comment', event: 'next', data: {} },
      ': I am comment\nevent: next\ndata: {}\n\n',
    ],
    [
      'parser: line ends in JSON',
      { event: 'next', data: { multi: 'li\n\ne' } },
      'event: next\ndata: {"multi":"li\\n\\ne"}\n\n',
    ],
  ])
})

describe('@fastify/sse and fastify-sse-v2', () => {
  writes([
    ['hello world', { data: 'hello world' }, 'data: hello world\n\n'],
    [
      'id, event and JSON',
      { id: '123', event: 'update', data: { message: 'test' } },
      'event: update\ndata: {"message":"test"}\nid: 123\n\n',
    ],
    ['a plain string', 'plain text message', 'data: plain text message\n\n'],
    ['multiline', { data: 'line1\nline2\nline3' }, 'data: line1\ndata: line2\ndata: line3\n\n'],
    ['iterable, first', { id: '1', data: 'first' }, 'data: first\nid: 1\n\n'],
    ['iterable, third', { id: '3', data: 'third' }, 'data: third\nid: 3\n\n'],
    ['stream, alpha', { id: 'a', data: 'alpha' }, 'data: alpha\nid: a\n\n'],
    ['Some message', { id: '0', data: 'Some message' }, 'data: Some message\nid: 0\n\n'],
    ['retry', { data: 'x', retry: 5_000 }, 'retry: 5000\ndata: x\n\n'],
  ])
})

describe('LaunchDarkly sse-contract-tests', () => {
  writes([
    ['basic parsing: one line', 'Hello', 'data: Hello\n\n'],
    ['basic parsing: chunks', 'testtest', 'data: testtest\n\n'],
    ['basic parsing: two lines', 'Hello\nWorld', 'data: Hello\ndata: World\n\n'],
    ['basic parsing: empty data', '', 'data: \n\n'],
    [
      'basic parsing: type',
      { event: 'greeting', data: 'Hello' },
      'event: greeting\ndata: Hello\n\n',
    ],
    [
      'basic parsing: default type',
      { event: 'message', data: 'Hello' },
      'event: message\ndata: Hello\n\n',
    ],
    ['basic parsing: id', { id: 'abc', data: 'Hello' }, 'data: Hello\nid: abc\n\n'],
    [
      'basic parsing: type and id',
      { event: 'greeting', id: 'abc', data: 'Hello' },
      'event: greeting\ndata: Hello\nid: abc\n\n',
    ],
    ['basic parsing: id is overridden', { id: '', data: 'second' }, 'data: second\nid: \n\n'],
    [
      'basic parsing: extra leading space',
      { event: ' greeting', data: ' Hello' },
      'event:  greeting\ndata:  Hello\n\n',
    ],
    ['basic parsing: no colon', '\n', 'data: \ndata: \n\n'],
    ['basic parsing: multi-byte', '€豆腐', 'data: €豆腐\n\n'],
    ['basic parsing: rapid succession, 99', 'message 99', 'data: message 99\n\n'],
    ['line ends: LF, two lines', 'line 1\nline 2', 'data: line 1\ndata: line 2\n\n'],
    ['line ends: CR, two lines', 'line 1\rline 2', 'data: line 1\ndata: line 2\n\n'],
    ['line ends: CRLF, two lines', 'line 1\r\nline 2', 'data: line 1\ndata: line 2\n\n'],
    ['line ends: LF, empty at start', '\nline2\nline3', 'data: \ndata: line2\ndata: line3\n\n'],
    ['line ends: CR, empty at start', '\rline2\rline3', 'data: \ndata: line2\ndata: line3\n\n'],
    [
      'line ends: CRLF, empty at start',
      '\r\nline2\r\nline3',
      'data: \ndata: line2\ndata: line3\n\n',
    ],
    ['line ends: LF, empty in middle', 'line1\n\nline3', 'data: line1\ndata: \ndata: line3\n\n'],
    ['line ends: CR, empty in middle', 'line1\r\rline3', 'data: line1\ndata: \ndata: line3\n\n'],
    [
      'line ends: CRLF, empty in middle',
      'line1\r\n\r\nline3',
      'data: line1\ndata: \ndata: line3\n\n',
    ],
    ['comments: one', { comment: 'Hello' }, ': Hello\n'],
    ['comments: before an event', { comment: 'Hello', data: 'Hello' }, ': Hello\ndata: Hello\n\n'],
    ['BOM: in later data', '\uFEFFSecond', 'data: \uFEFFSecond\n\n'],
    [
      'BOM: type, id and data',
      { event: 'greeting', id: 'abc', data: '\uFEFF' },
      'event: greeting\ndata: \uFEFF\nid: abc\n\n',
    ],
  ])
  refuses([['basic parsing: id with U+0000', { id: 'a\0bc', data: 'Hello' }, FIELD]])
  it('basic parsing: large message', () => {
    const large = 'abc='.repeat(1_310_720)
    expect(encodeEvent(large) === `data: ${large}\n\n`).toBe(true)
  })
})

describe('web-platform-tests eventsource', () => {
  writes([
    ['event-data: 0', 'msg\nmsg', 'data: msg\ndata: msg\n\n'],
    ['event-data: 1', '', 'data: \n\n'],
    ['event-data: 2', 'end', 'data: end\n\n'],
    ['format-bom: second BOM', '\uFEFFok', 'data: \uFEFFok\n\n'],
    ['format-comments: U+0000', { comment: '\0', data: '1' }, ': \0\ndata: 1\n\n'],
    ['format-comments: data', { comment: 'data:fail', data: '3' }, ': data:fail\ndata: 3\n\n'],
    [
      'format-comments: long',
      { comment: 'x'.repeat(2_049), data: '1\n2\n3\n4' },
      `: ${'x'.repeat(2_049)}\ndata: 1\ndata: 2\ndata: 3\ndata: 4\n\n`,
    ],
    ['format-field-data: 1', '\n', 'data: \ndata: \n\n'],
    ['format-field-data: 2', 'test', 'data: test\n\n'],
    ['format-field-event', { event: 'test', data: 'x' }, 'event: test\ndata: x\n\n'],
    ['format-field-event-empty', { event: '', data: 'data' }, 'event: \ndata: data\n\n'],
    ['format-field-id', { id: '…', data: 'hello' }, 'data: hello\nid: …\n\n'],
    ['format-field-id-2: first', { id: '1', data: 'hello' }, 'data: hello\nid: 1\n\n'],
    ['format-field-id-3: reset', { id: '', data: 'hello' }, 'data: hello\nid: \n\n'],
    [
      'format-field-parsing: tab',
      { data: '\0\n 2\n1\n3\n\n4' },
      'data: \0\ndata:  2\ndata: 1\ndata: 3\ndata: \ndata: 4\n\n',
    ],
    ['format-field-retry', { retry: 3_000, data: 'x' }, 'retry: 3000\ndata: x\n\n'],
    ['format-leading-space: tab', '\ttest\r \ntest', 'data: \ttest\ndata:  \ndata: test\n\n'],
    ['format-newlines', 'test\n', 'data: test\ndata: \n\n'],
    ['format-null-character', '\0', 'data: \0\n\n'],
    ['format-utf-8', 'ok…', 'data: ok…\n\n'],
    ['MOSQUITO field-name-event', { event: 'foobar', data: 'x' }, 'event: foobar\ndata: x\n\n'],
    ['cors-unsafe-last-event-id', { id: '"()<>', data: 'x' }, 'data: x\nid: "()<>\n\n'],
  ])
  refuses([
    ['format-field-id-null', { id: '\0\0', data: 'hello' }, FIELD],
    ['format-field-retry-bogus', { retry: '1000x' as never, data: 'x' }, FIELD],
    ['format-field-retry-empty', { retry: '' as never, data: 'x' }, FIELD],
  ])
})
