import { createServer, type RequestListener, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createSse as createFetch } from '@sse/core'
import { createSse as createNode } from '@sse/core/node'
import { createSse as createExpress } from '@sse/express'
import { createSse as createHono } from '@sse/hono'
import { createSse as createKoa } from '@sse/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { tokens } from './tokens.ts'

export function startNode(events: number): Server {
  const handler = createNode().handler(() => tokens(events))
  return listenWith(handler)
}

export function startExpress(events: number): Server {
  const app = express()
  app.get(
    '/',
    createExpress().handler(() => tokens(events)),
  )
  return createServer(app)
}

export function startKoa(events: number): Server {
  const app = new Koa()
  app.use(createKoa().handler(() => tokens(events)))
  return listenWith(app.callback())
}

export function startHono(events: number): Server {
  const app = new Hono()
  app.get(
    '/',
    createHono().handler(() => tokens(events)),
  )
  return listenWith(getRequestListener(app.fetch))
}

export function startFetch(events: number): Server {
  const handler = createFetch().handler(() => tokens(events))
  return listenWith(getRequestListener((request) => handler(request)))
}

/** None of these listeners rejects here: there is nothing that fails before the head. */
function listenWith(listener: (...args: Parameters<RequestListener>) => Promise<void>): Server {
  return createServer((req, res) => void listener(req, res))
}
