import type { SubscribeOptions } from './channel-options.ts'
import type { ChannelState } from './channel-state.ts'
import { createView, type KeyedView, type View } from './view.ts'

/** The view that a subscription asks for: that of everybody, one of its own, or one that it shares by a key. */
export function takeView<Events>(
  state: ChannelState,
  { filter, transform, key }: SubscribeOptions<Events>,
): { view: View; release: () => void } {
  const release = (): void => undefined
  if (filter === undefined && transform === undefined) return { view: state.view, release }
  const make = (isShared: boolean): View =>
    createView(
      state.options.serialize,
      state.log,
      filter as View['filter'],
      transform as View['transform'],
      isShared,
    )
  if (key === undefined) return { view: make(false), release }
  state.keyedViews ??= new Map()
  const views = state.keyedViews
  const shared: KeyedView = views.get(key) ?? { view: make(true), users: 0 }
  views.set(key, shared)
  shared.users += 1
  return {
    view: shared.view,
    release() {
      shared.users -= 1
      if (shared.users === 0) views.delete(key)
    },
  }
}
