import { createServer, type Server, type ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import Koa from 'koa'
import { HEADERS, type SystemApp } from './system.ts'

/** The shortest streaming response of each framework, which never sends anything. */
export const PLAIN: Readonly<Record<'node' | 'express' | 'koa' | 'hono', () => SystemApp>> = {
  node: () => countClients((open) => createServer((_req, res) => start(res, open))),
  express: () =>
    countClients((open) => createServer(express().get('/', (_req, res) => start(res, open)))),
  koa: () =>
    countClients((open) => {
      const app = new Koa().use((ctx) => {
        const body = new PassThrough()
        ctx.set(HEADERS)
        ctx.body = body
        body.on('close', open())
        ctx.flushHeaders()
      })
      const listener = app.callback()
      return createServer((req, res) => void listener(req, res))
    }),
  hono: () =>
    countClients((open) => {
      const app = new Hono().get('/', (c) => {
        for (const [name, value] of Object.entries(HEADERS)) c.header(name, value)
        return stream(c, async (body) => {
          const left = open()
          await new Promise<void>((resolve) => body.onAbort(resolve))
          left()
        })
      })
      const listener = getRequestListener(app.fetch)
      return createServer((req, res) => void listener(req, res))
    }),
}

function start(res: ServerResponse, open: () => () => void): void {
  res.writeHead(200, HEADERS).flushHeaders()
  res.on('close', open())
}

function countClients(listen: (open: () => () => void) => Server): SystemApp {
  let clients = 0
  const left = (): void => void (clients -= 1)
  const server = listen(() => {
    clients += 1
    return left
  })
  return { server, clients: () => clients, publish: () => undefined }
}
