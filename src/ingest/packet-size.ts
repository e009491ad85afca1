/**
 * Follows the lengths of MQTT control packets in a stream of bytes (MQTT 3.1.1, clause 2.2.3) without keeping
 * them, so that a packet that is too large is noticed by its header, before it is read into memory.
 *
 * @returns a function that answers whether all packets that begin in the chunk are within `maximum` bytes.
 */
export function packetSizeGuard(maximum: number): (chunk: Uint8Array) => boolean {
  let toSkip = 0;
  let length = -1; // -1: the next byte is a packet's first; otherwise the length as far as it was read
  let shift = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (toSkip > 0) {
        const skipped = Math.min(toSkip, chunk.length - at);
        toSkip -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at++]!;
      if (length < 0) {
        length = shift = 0;
        continue;
      }
      length += (byte & 0x7f) * 2 ** shift;
      shift += 7;
      if (length > maximum || shift > 28) return false;
      if (byte & 0x80) continue;
      toSkip = length;
      length = -1;
    }
    return true;
  };
}
