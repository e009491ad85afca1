/** Open pages in a process of their own, so that reading costs the edge nothing: `clients.ts URL COUNT`. */
const [url = '', count = '0'] = process.argv.slice(2);
let events = 0;

async function read(): Promise<void> {
  const response = await fetch(`${url}api/events`);
  for await (const chunk of response.body!) events += chunk.length > 0 ? 1 : 0;
}

for (let at = 0; at < Number(count); at++) read().catch(() => process.exit(1));
setInterval(() => process.send?.(events), 200);
