import { RtError } from '@rt/driver-api'
import { resolveNetworks } from '../networks/resolve.ts'
import { effectiveHostname } from '../run/hostname.ts'
import { type PerformedPlan, performedPlan } from '../run/plan.ts'
import { planOnly } from '../run/plan-only.ts'
import type { Container } from '../store/containers.ts'
import { type Context, target } from '../store/context.ts'
import { readIfThere } from '../store/files.ts'

export interface PlanOfContainer {
  readonly container: Container
  readonly plan: PerformedPlan
  /** Of its last start; otherwise it has never been started, and this is what its first start will do. */
  readonly performed: boolean
}

/** @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS, RT_PLAN_UNKNOWN */
export const planOf = async (context: Context, text: string): Promise<PlanOfContainer> => {
  const container = target(context.layout, text)
  const kept = readIfThere(context.layout.plan(container.record.id))
  if (kept === undefined) return { container, plan: await planFirst(context, container), performed: false }
  const plan = JSON.parse(kept) as Partial<PerformedPlan>
  if (!isComplete(plan))
    throw new RtError(
      'RT_PLAN_UNKNOWN',
      `The container ${container.record.name} was started by a rt that did not keep all of its steps`,
    )
  return { container, plan, performed: true }
}

const isComplete = (plan: Partial<PerformedPlan>): plan is PerformedPlan =>
  plan.enter !== undefined && plan.leave !== undefined

const planFirst = async ({ layout, registry, images }: Context, { record }: Container): Promise<PerformedPlan> => {
  const { id, name, request, drivers } = record
  const image = images.find(record.image.id)
  if (!image)
    throw new RtError('RT_IMAGE_UNKNOWN', `The image ${record.image.name} of the container ${name} is gone`, {
      exitCode: 1,
    })
  const networks = await resolveNetworks(layout, registry, request.networks ?? [])
  return performedPlan(
    await planOnly({
      layout,
      drivers: {
        isolation: await registry.resolve('isolation', drivers.isolation),
        storage: await registry.resolve('storage', drivers.storage),
      },
      networks,
      image,
      identity: { id, name, hostname: effectiveHostname(request, { id }, networks[0]) },
      request,
      ...(record.mountPoints && { mounts: record.mountPoints }),
      env: {},
    }),
  )
}
