import { EventSource } from 'eventsource'
import { listen } from './agent/listen.ts'
import { type Client, openWith } from './client.ts'

/** The package `eventsource`, on Node's own fetch. */
export const eventsource: Client = {
  name: 'eventsource',
  protocols: ['http/1.1'],
  reconnects: true,
  headerText: 'utf-8',
  open: ({ url }, path) =>
    openWith(`eventsource at ${path}`, (emit) => listen(new EventSource(url + path), emit)),
}
