import { Place } from './place.ts'
import { type HttpServer, startHttpServer, startTcpServer, type TcpServer } from './servers.ts'

/** The place behind the host's gateway, where servers run. */
export class Internet extends Place {
  /** Answers each request with the peer's address as this side sees it; listens on all addresses, port 80 by default. */
  httpServer(port = 80): Promise<HttpServer> {
    return startHttpServer(this, port)
  }

  /** Sends each peer its own address and a newline, then all that the peer says. */
  tcpServer(port = 7): Promise<TcpServer> {
    return startTcpServer(this, port)
  }
}
