import type { AddressInfo, Server } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Other than `port` when that was busy. */
  readonly requestedPort: number;
}

const portsToTry = 50;

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Listens on `requestedPort` or, where that is busy, on the next one that is free; 0 takes any. */
export async function listenNear(server: Server, host: string, requestedPort: number): Promise<Address> {
  for (let port = requestedPort; ; port++) {
    try {
      await listen(server, host, port);
      return { host, port: (server.address() as AddressInfo).port, requestedPort };
    } catch (error) {
      const busy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!busy || port + 1 >= Math.min(requestedPort + portsToTry, 65_536))
        throw new Error(`broker cannot listen on ${host}:${port}: ${(error as Error).message}`);
    }
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
