/** One document that answers may be built from. */
export interface Document {
  readonly id: number
  readonly title: string
  readonly text: string
}

/** What this demo knows. */
export const DOCUMENTS: readonly Document[] = [
  {
    id: 1,
    title: 'What server-sent events are',
    text: 'Server-sent events, SSE for short, are a way for a server to send text to a browser over one HTTP response that stays open. The response has the content type text/event-stream, and events go one way, from the server to the client.',
  },
  {
    id: 2,
    title: 'The event stream format',
    text: 'An event is a block of lines such as event, data, id and retry, and a blank line ends it. Data with several lines becomes one data field for each line, and the client joins them again.',
  },
  {
    id: 3,
    title: 'Reconnecting and the last event ID',
    text: 'An EventSource reconnects by itself when its connection is lost. It sends the id of the last event it received in the Last-Event-ID header, so that the server can resume the stream and replay what was missed. The retry field sets how long a client waits before it reconnects.',
  },
  {
    id: 4,
    title: 'Heartbeats',
    text: 'A heartbeat is a comment that a server sends while a stream is silent. Proxies close connections that carry no bytes for 30 or 60 seconds, and heartbeats keep them open. Clients ignore comments.',
  },
  {
    id: 5,
    title: 'Proxies that buffer',
    text: 'A proxy that buffers a response holds events back until its buffer is full. The header X-Accel-Buffering with the value no turns the buffer of nginx off for one response. Cache-Control with no-transform keeps compression from holding events back.',
  },
  {
    id: 6,
    title: 'Clients that disconnect',
    text: 'When a client disconnects, the server should stop the work it does for it. An AbortSignal that aborts on disconnect can be passed to a database query, a fetch or a call of a language model, which then stop as well.',
  },
  {
    id: 7,
    title: 'Back-pressure',
    text: 'Back-pressure means that a source waits while its client cannot keep up. Without it, a client that reads slowly or not at all makes the server hold ever more events in memory. An async generator is asked for its next event only when there is room.',
  },
  {
    id: 8,
    title: 'Limits on connections',
    text: 'Every open stream costs a socket and some memory, so a server limits how many there may be, in total and for each client. A client above the limit gets status 503 or 429 with a Retry-After header that says when to try again.',
  },
  {
    id: 9,
    title: 'Shutting down',
    text: 'A server that shuts down, to restart or for a deploy, has to end its open streams, or it waits for them for ever. It tells each client when to reconnect, and spreads these times so that not all of them come back at once.',
  },
  {
    id: 10,
    title: 'Errors after the stream began',
    text: 'The status of a response cannot change after its first byte, so an error in the middle of a stream is sent as an event. That event should not tell the client what went wrong inside the server; the log does.',
  },
  {
    id: 11,
    title: 'Streaming tokens of a language model',
    text: 'A language model makes its answer token by token, and each token can be sent to the browser as an event at once. The user reads the beginning of the answer while the model still writes its end.',
  },
  {
    id: 12,
    title: 'WebSockets compared',
    text: 'A WebSocket carries messages both ways, and needs a protocol of its own on top of HTTP. Server-sent events are ordinary HTTP, which proxies, authentication and HTTP/2 already understand, so they are the simpler choice where only the server has something to send.',
  },
]
