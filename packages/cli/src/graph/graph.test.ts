import { describe, expect, it } from 'vitest'
import { drawMermaid } from './mermaid.ts'
import { drawSvg } from './svg.ts'
import { drawText } from './text.ts'
import type { Topology } from './topology.ts'

const topology: Topology = {
  uplink: { name: 'eth0', addresses: ['198.51.100.2/24'] },
  networks: [
    {
      name: 'bridge',
      driver: 'bridge',
      device: 'br0',
      addresses: ['172.16.0.1/16'],
      way: 'nat',
      containers: [
        {
          name: 'web',
          interface: 'eth0',
          hostEnd: 'rt3f2a1b0c90002',
          addresses: ['172.16.0.2/16'],
          ports: ['0.0.0.0:8080->80/tcp'],
        },
        { name: 'db', interface: 'eth0', hostEnd: 'rt1c2d3e4f50003', addresses: ['172.16.0.3/16'], ports: [] },
      ],
    },
    { name: 'back "end"', driver: 'bridge', addresses: [], way: 'none', containers: [] },
  ],
}

describe('the picture of a host’s networks', () => {
  it('as text', () => {
    expect(drawText(topology)).toBe(`host  eth0  198.51.100.2/24
├─ bridge  (bridge)  br0  172.16.0.1/16  · NAT: out under the host’s address
│  ├─ rt3f2a1b0c90002 ──  web  eth0  172.16.0.2/16
│  │     0.0.0.0:8080 → 80/tcp
│  └─ rt1c2d3e4f50003 ──  db  eth0  172.16.0.3/16
└─ back "end"  (bridge)  · no way out
`)
  })

  it('as Mermaid, with labels that nothing in a name can end', () => {
    const text = drawMermaid(topology)
    expect(text).toMatch(/^flowchart LR\n/)
    expect(text).toContain('n0 ---|"rt3f2a1b0c90002"| n0c0("web<br>eth0<br>172.16.0.2/16")')
    expect(text).toContain('wire -.->|"0.0.0.0:8080 → 80/tcp"| n0c0')
    expect(text).toContain('n1["back #quot;end#quot;<br>bridge"]')
  })

  it('as SVG: well-formed, every name in it, boxes that do not lie over each other', () => {
    const text = drawSvg(topology)
    expect(text).toContain('back &#34;end&#34;')
    for (const word of ['web', 'db', 'br0', '172.16.0.3/16']) expect(text).toContain(`>${word}`.replace('>172', ' 172'))
    const boxes = [...text.matchAll(/class="b" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map(
      (match) => match.slice(1).map(Number) as [number, number, number, number],
    )
    expect(boxes).toHaveLength(6)
    for (const [x, y, , height] of boxes)
      for (const [otherX, otherY] of boxes)
        if (x === otherX && otherY > y) expect(otherY).toBeGreaterThanOrEqual(y + height)
  })
})
