import { RtError } from '@rt/driver-api'

export const templateError = (template: string, problem: string, cause?: unknown): RtError =>
  new RtError('RT_USAGE', `--format: the template "${template}" is wrong: ${problem}.`, {
    remedy:
      "Templates are those of Docker and Go, as in '{{range .Mounts}}{{.Source}} {{end}}'; without define and template.",
    cause,
  })
