const $ = (id) => document.getElementById(id)

// Aborts the question that is being answered.
let stopping
let answer

$('form').addEventListener('submit', (event) => {
  event.preventDefault()
  void ask($('question').value)
})
$('stop').addEventListener('click', () => stopping?.abort())
$('examples').addEventListener('click', ({ target }) => {
  if (stopping || target.tagName !== 'BUTTON') return
  $('question').value = target.textContent
  void ask(target.textContent)
})

async function ask(question) {
  stopping = new AbortController()
  const { signal } = stopping
  begin()
  try {
    const response = await fetch('chat', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ question }),
      // Stop closes the connection; that tells the server, which stops the model.
      signal,
    })
    if (!response.ok) throw new Error((await response.json()).error.message)
    for await (const { event, data } of readEvents(response.body)) show[event]?.(data)
    if (!answer.isOver) throw new Error('The connection was lost.')
  } catch (error) {
    if (signal.aborted) setStatus(`Stopped after ${answer.tokens} tokens`)
    // What browsers say about a network error differs, and says little.
    else if (error instanceof TypeError) setStatus('The connection was lost.', 'bad')
    else setStatus(error.message, 'bad')
  }
  stopping = undefined
  setBusy(false)
}

// Reads what this server sends: lines end with LF, and data is one line of JSON. A library such as
// eventsource-parser reads everything that the format allows.
async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const blocks = (rest + read.value).split('\n\n')
    rest = blocks.pop()
    for (const block of blocks) {
      $('wire').append(`${block}\n\n`)
      const event = /^event: (.*)$/m.exec(block)?.[1]
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data !== undefined) yield { event, data: JSON.parse(data) }
    }
  }
}

// What each event does to the page.
const show = {
  stage({ stage, status, doc_count, top_docs, documents }) {
    const item = document.querySelector(`[data-stage="${stage}"]`)
    const counts = { retrieval: `${doc_count} found`, reranking: `${top_docs} kept` }
    const result = counts[stage] ?? `${answer.tokens} tokens`
    item.className = status
    item.querySelector('small').textContent = status === 'started' ? 'working …' : result
    if (status === 'started') setStatus(`${item.querySelector('b').textContent} …`)
    if (documents) $('sources').append(...documents.map(toListItem))
  },
  token({ content }) {
    answer.firstTokenMs ??= performance.now() - answer.askedAt
    answer.tokens += 1
    $('answer').append(content)
  },
  done({ total_tokens }) {
    answer.isOver = true
    const total = toSeconds(performance.now() - answer.askedAt)
    const first = toSeconds(answer.firstTokenMs)
    setStatus(`Done: ${total_tokens} tokens in ${total}, the first after ${first}`, 'good')
  },
  error({ error }) {
    answer.isOver = true
    setStatus(error, 'bad')
  },
}

function toListItem({ id, title }) {
  const item = document.createElement('li')
  item.textContent = `[${id}] ${title}`
  return item
}

function toSeconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}

function begin() {
  answer = { askedAt: performance.now(), firstTokenMs: undefined, tokens: 0, isOver: false }
  for (const id of ['answer', 'sources', 'wire']) $(id).replaceChildren()
  for (const item of $('stages').children) {
    item.className = ''
    item.querySelector('small').textContent = ''
  }
  setStatus('Asking …')
  setBusy(true)
}

function setBusy(isBusy) {
  // A button that is disabled loses the focus: the other one takes it.
  const hadFocus = [$('ask'), $('stop')].includes(document.activeElement)
  $('ask').disabled = isBusy
  $('stop').disabled = !isBusy
  for (const example of $('examples').children) example.disabled = isBusy
  if (hadFocus) $(isBusy ? 'stop' : 'ask').focus()
  $('answer').classList.toggle('streaming', isBusy)
  // A screen reader reads the answer once it is complete, not word by word.
  $('answer').setAttribute('aria-busy', String(isBusy))
  if (isBusy) return
  for (const item of document.querySelectorAll('li.started')) item.className = 'stopped'
  for (const detail of document.querySelectorAll('li.stopped small')) detail.textContent = 'stopped'
}

function setStatus(text, kind = '') {
  $('status').textContent = text
  $('status').className = `status ${kind}`
}
