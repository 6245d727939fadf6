import { describe, expect, it } from 'vitest'
import { compileTemplate } from './run.ts'

const value = {
  Name: '/web',
  Pid: 7,
  Running: true,
  Config: { Env: ['A=1', 'B=2'], Cmd: null, Labels: { 'a.b': 'x', z: 'y' } },
  Mounts: [{ Source: '/s' }, { Source: '/t' }],
  Networks: { web: { IPAddress: '10.0.0.2' }, db: { IPAddress: '10.0.1.2' } },
}

describe('a template', () => {
  it.each([
    ['{{.Name}} {{.Pid}} {{.Running}} {{.Config.Env}} {{.Config.Labels}}', '/web 7 true [A=1 B=2] map[a.b:x z:y]'],
    ['{{.Config.Cmd}}|{{json .Config.Cmd}}|{{len .Config.Cmd}}', '<no value>|null|0'],
    ['{{range .Networks}}{{.IPAddress}} {{end}}', '10.0.1.2 10.0.0.2 '],
    ['{{range $name, $net := .Networks}}{{$name}}={{$net.IPAddress}};{{end}}', 'db=10.0.1.2;web=10.0.0.2;'],
    ['{{range $i, $e := .Config.Env}}{{if $i}},{{end}}{{$e}}{{end}}', 'A=1,B=2'],
    ['{{range .Config.Cmd}}x{{else}}none{{end}}', 'none'],
    ['{{range .Config.Env}}{{break}}x{{end}}{{range .Config.Env}}{{.}}{{continue}}x{{end}}', 'A=1B=2'],
    ['{{index .Config.Labels "a.b"}}{{index .Config.Labels "no"}} {{index .Config.Env 1}}', 'x B=2'],
    ['{{(index .Mounts 0).Source}} {{(index (index .Networks "web") "IPAddress")}}', '/s 10.0.0.2'],
    ['{{join .Config.Env ","}} {{range split "a,b" ","}}<{{.}}>{{end}}', 'A=1,B=2 <a><b>'],
    ['{{if and .Running (eq .Pid 7 8)}}yes{{else}}no{{end}}', 'yes'],
    ['{{if not .Running}}a{{else if gt .Pid 6}}b{{else}}c{{end}}', 'b'],
    ['{{if .Health}}{{.Health.Status}}{{else}}none{{end}} {{with .Config}}{{len .Env}}{{end}}', 'none 2'],
    [
      '{{.Pid | printf "%05d"}}{{printf "|%-3d|" .Pid}}{{printf "%q %5s %.1f%%" "a" "b" 1.25}}',
      '00007|7  |"a"     b 1.3%',
    ],
    ['a {{- .Pid -}} b{{/* nothing */}} {{"q"}}{{`r"`}}', 'a7b qr"'],
    ['{{$x := .Name}}{{with .Config}}{{$.Pid}}{{$x}}{{$x = "new"}}{{end}}{{$x}}', '7/webnew'],
    [
      '{{upper .Name}} {{slice .Name 1}} {{title "ab cd"}} {{truncate .Name 2}} {{pad "a" 1 1}}|',
      '/WEB web Ab Cd /w  a |',
    ],
    ['{{range .Mounts}}{{println .Source}}{{end}}', '/s\n/t\n'],
    ['{{if or false (lt 1 2)}}{{ne 1 2}}{{end}}', 'true'],
  ])('%s', (template, expected) => {
    expect(compileTemplate(template)(value)).toBe(expected)
  })

  it('names in any case, and what JSON has left out', () => {
    const absent = new Map<string, unknown>([['Health', null]])
    expect(compileTemplate('{{.Status}} {{.Actor.ID}}')({ status: 'die', Actor: { id: 7 } })).toBe('die 7')
    expect(compileTemplate('{{.Health}}', absent)({})).toBe('<no value>')
    expect(() => compileTemplate('{{.State.Health}}', absent)({})).toThrow('no "State"')
  })

  it.each([
    ['{{.Name', 'a "}}" is missing'],
    ['{{if .Name}}', '"if" has no end'],
    ['{{end}}', '"end" has no beginning'],
    ['{{nope .Name}}', 'there is no function "nope"'],
    ['{{.Nmae}}', 'there is no field "Nmae". Did you mean "Name"?'],
    ['{{.Config.Evn}}', '.Config.Evn is not there: no "Evn". Did you mean "Env"?'],
    ['{{index .Mounts 2}}', 'index 2 is not in a list of 2'],
    ['{{range .Pid}}{{end}}', 'range cannot go over 7'],
    ['{{$x}}', 'there is no variable $x'],
    ['{{template "x"}}', 'rt does not know "template"'],
    ['{{.Name "x"}}', '.Name takes no values'],
    ['{{constructor}}', 'there is no function "constructor"'],
    ['{{(.Name}}', 'a ")" is missing'],
    ['{{.Name | }}', 'a value is missing'],
    ['{{"a\\q"}}', 'is no text'],
    ['{{break}}', '"break" stands alone'],
  ])('%s is an error: %s', (template, problem) => {
    expect(() => compileTemplate(template)(value)).toThrow(problem)
  })
})
