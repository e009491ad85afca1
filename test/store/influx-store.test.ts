import { InfluxStore } from '../../src/store/influx-store.ts';
import { storeContract } from '../contracts/store.ts';
import { startInflux } from '../servers.ts';

storeContract(
  'InfluxDB',
  async (t) => {
    const server = await startInflux(t);
    if (!server) return undefined;
    const open = async () => {
      const store = new InfluxStore({ url: server.url, database: 'buoys, "all"' });
      await store.open();
      return store;
    };
    const store = await open();
    const reopen = async () => {
      await store.close();
      await server.kill();
      await server.start();
      return open();
    };
    return { store, reopen };
  },
  30,
);
