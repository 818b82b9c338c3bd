import { describe, expect, it } from 'vitest'
import { createReceived, type Received } from './received.ts'

const encode = (text: string) => new TextEncoder().encode(text)

function receive(bytes: Uint8Array, chunkBytes: number, lastEventId = ''): Received {
  const received = createReceived(lastEventId, true)
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    received.feed(bytes.subarray(at, at + chunkBytes), at)
  }
  return received
}

describe('createReceived', () => {
  it('parses what comes in single bytes', () => {
    const { events, comments, retry } = receive(
      encode(': hello\nretry: 250\nid: 7\nevent: token\ndata: a\ndata: b\n\n'),
      1,
    )
    expect(events).toEqual([{ event: 'token', data: 'a\nb', id: '7', lastEventId: '7' }])
    expect(comments).toEqual(['hello'])
    expect(retry).toBe(250)
  })

  it('joins characters that are split between chunks', () => {
    expect(receive(encode('data: ä€😀\n\n'), 1).events[0]?.data).toBe('ä€😀')
  })

  it('reads CR and CRLF as line ends, also split between chunks', () => {
    const { events } = receive(encode('data: a\r\n\r\ndata: b\r\rdata: c\n\n'), 1)
    expect(events.map(({ data }) => data)).toEqual(['a', 'b', 'c'])
  })

  it('takes off one byte order mark and shows it in the text', () => {
    const { events, text } = receive(encode('\uFEFFdata: a\n\n'), 1)
    expect(events[0]?.data).toBe('a')
    expect(text).toBe('\uFEFFdata: a\n\n')
  })

  it('names events without a type message', () => {
    const { events } = receive(encode('data: a\n\nevent:\ndata: b\n\n'), 99)
    expect(events.map(({ event }) => event)).toEqual(['message', 'message'])
  })

  it('does not count an event that its blank line has not completed', () => {
    expect(receive(encode('id: 1\ndata: a\n'), 99).events).toEqual([])
  })

  it('carries the last event ID over events that have none', () => {
    const { events } = receive(encode('id: 1\ndata: a\n\ndata: b\n\n'), 99)
    expect(events.map(({ id, lastEventId }) => [id, lastEventId])).toEqual([
      ['1', '1'],
      [undefined, '1'],
    ])
  })

  it('starts with the last event ID of the request', () => {
    const received = receive(encode('data: a\n\n'), 99, '41')
    expect(received.events[0]?.lastEventId).toBe('41')
    expect(received.lastEventIdAfter(0)).toBe('41')
  })

  it('resets the last event ID at an empty id', () => {
    const { events } = receive(encode('id: 1\ndata: a\n\nid:\ndata: b\n\n'), 99)
    expect(events[1]).toMatchObject({ id: '', lastEventId: '' })
  })

  it('tells the last event ID after each event, whatever came later', () => {
    const received = receive(encode('id: 1\ndata: a\n\nid: 2\ndata: b\n\n'), 1)
    expect([0, 1, 2].map(received.lastEventIdAfter)).toEqual(['', '1', '2'])
  })

  it('counts the id of a block without data with the events before it', () => {
    const received = receive(encode('data: a\n\nid: 5\n\ndata: b\n\n'), 99)
    expect([0, 1, 2].map(received.lastEventIdAfter)).toEqual(['', '5', '5'])
    expect(received.events[1]).toMatchObject({ id: undefined, lastEventId: '5' })
  })

  it('tells after how many bytes each event was complete', () => {
    const received = receive(encode('data: a\n\ndata: b\n\n'), 1)
    expect([0, 1, 2].map(received.bytesUpTo)).toEqual([0, 9, 18])
  })

  it('keeps the chunks as they came', () => {
    const { chunks } = receive(encode('data: a\n\n'), 4)
    expect(chunks.map(({ bytes, atMs }) => [bytes.length, atMs])).toEqual([
      [4, 0],
      [4, 4],
      [1, 8],
    ])
  })

  it('keeps the text and parses nothing where that is not wanted', () => {
    const received = createReceived('', false)
    received.feed(encode('data: a\n\n'), 0)
    expect(received.text).toBe('data: a\n\n')
    expect(received.events).toEqual([])
  })
})

describe('a received event', () => {
  it('parses its data as JSON', () => {
    const [event] = receive(encode('data: {"n":1}\n\n'), 99).events
    expect(event?.json<{ n: number }>().n).toBe(1)
  })

  it('quotes data that is not JSON', () => {
    const [event] = receive(encode('event: e\ndata: oops\n\n'), 99).events
    expect(() => event?.json()).toThrow('data of the event `e` is not JSON: "oops"')
  })
})
