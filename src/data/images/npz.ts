import { crc32, inflateRawSync } from 'node:zlib';
import { damaged, unusable } from './readBytes.js';

/** Signatures of the parts of a zip archive, as 32-bit numbers, little end first. */
const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;

const DIRECTORY_END_LENGTH = 22;
const STORED = 0;
const DEFLATED = 8;

/** What a size or a place is set to where the real one needs 64 bits. */
const NEEDS_64_BITS = 0xffffffff;

/** One member of an archive, still packed. */
interface Member {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packedSize: number;
  readonly size: number;
  readonly place: number;
}

/** What makes an archive that can be read. */
const PLAIN = 'save the arrays with numpy.savez or numpy.savez_compressed';

/** Tells whether bytes begin as a zip archive with content does. */
export function isZip(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32LE(0) === LOCAL_HEADER;
}

/**
 * The members of an NPZ file, which is a zip archive of NPY files, by name without `.npy`; each is unpacked when
 * it is asked for. Sizes are taken from the directory at the end, because the headers before the members may
 * leave them out (PKWARE, APPNOTE 6.3.10, sections 4.3 and 4.4).
 * @param where the file's name, for messages.
 * @throws PushforwardError `damaged` for an archive that is cut or whose checksums fail, `input` for one that is
 * encrypted, packed by another method or larger than 4 GiB.
 */
export function openNpz(bytes: Buffer, where: string): ReadonlyMap<string, () => Buffer> {
  const members = new Map<string, () => Buffer>();
  try {
    for (const member of directory(bytes, where)) {
      members.set(member.name.replace(/[.]npy$/, ''), () =>
        unpack(bytes, member, `${where}, ${member.name}`),
      );
    }
  } catch (cause) {
    if (cause instanceof RangeError) throw damaged(where, 'the directory of the archive is cut', cause);
    throw cause;
  }
  return members;
}

function directory(bytes: Buffer, where: string): Member[] {
  const end = findEnd(bytes, where);
  const members: Member[] = [];
  let at = bytes.readUInt32LE(end + 16);
  const count = bytes.readUInt16LE(end + 10);
  for (let i = 0; i < count; i++) {
    if (at === NEEDS_64_BITS) throw unusable(where, 'an archive of more than 4 GiB', PLAIN);
    if (bytes.readUInt32LE(at) !== DIRECTORY_ENTRY) throw damaged(where, 'the archive has no directory');
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const [packedSize, size, place] = [20, 24, 42].map((field) => bytes.readUInt32LE(at + field)) as [
      number,
      number,
      number,
    ];
    if ([packedSize, size, place].includes(NEEDS_64_BITS)) {
      throw unusable(`${where}, ${name}`, 'a member of more than 4 GiB', PLAIN);
    }
    if ((bytes.readUInt16LE(at + 8) & 1) === 1)
      throw unusable(`${where}, ${name}`, 'an encrypted member', PLAIN);
    const method = bytes.readUInt16LE(at + 10);
    members.push({ name, method, checksum: bytes.readUInt32LE(at + 16), packedSize, size, place });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return members;
}

/** The record at the end, before a comment of at most 65535 bytes. */
function findEnd(bytes: Buffer, where: string): number {
  const last = bytes.length - DIRECTORY_END_LENGTH;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (bytes.readUInt32LE(at) === DIRECTORY_END) return at;
  }
  throw damaged(where, 'the archive is cut: its directory is not there');
}

function unpack(bytes: Buffer, { method, checksum, packedSize, size, place }: Member, where: string): Buffer {
  if (method !== STORED && method !== DEFLATED) throw unusable(where, `packing method ${method}`, PLAIN);
  let content: Buffer;
  try {
    const start = place + 30 + bytes.readUInt16LE(place + 26) + bytes.readUInt16LE(place + 28);
    const packed = bytes.subarray(start, start + packedSize);
    content = method === STORED ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw damaged(where, 'does not unpack', cause);
  }
  if (content.length !== size || crc32(content) !== checksum) throw damaged(where, 'fails its checksum');
  return content;
}
