import { crc32 } from 'node:zlib';

/** A zip of one stored file, as Lambda's CreateFunction takes it (PKWARE's APPNOTE 4.3). */
export function zipOf(name: string, content: Uint8Array): Buffer {
  const file = Buffer.from(name);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(0x21, 8); // 1980-01-01, the earliest day it can say
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(content.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, file, content]);
  const central = Buffer.concat([
    ...[Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), common, Buffer.alloc(14)],
    file,
  ]);
  // Readable by all, as a file of type “regular”.
  central.writeUInt32LE(0o100644 * 0x10000, 38);
  central.writeUInt8(3, 5);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
