/**
 * PUBACK packets in one piece: MQTT 3.1.1 clause 3.4, and MQTT 5 clause 3.4.2.1, where a reason code of 0 (success)
 * may be left out, so that both are the same four bytes.
 */
export function pubacks(messageIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * messageIds.length);
  messageIds.forEach((id, at) => {
    bytes.writeUInt16BE(0x4002, 4 * at);
    bytes.writeUInt16BE(id, 4 * at + 2);
  });
  return bytes;
}
