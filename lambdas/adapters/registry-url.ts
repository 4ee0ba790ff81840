import { BlockList, isIPv6 } from 'node:net';
import { NotAllowed, RegistryRefused } from '../domain/errors.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

const INTERNAL = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  INTERNAL.addSubnet(net, prefix);
}
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  INTERNAL.addSubnet(net, prefix, 'ipv6');
}

/** The endpoint, if it may be spoken to: https, or http on this very machine. @throws NotAllowed */
export function registryUrl(endpoint: URL): URL {
  if (endpoint.protocol === 'https:' || (endpoint.protocol === 'http:' && isLoopback(endpoint))) {
    return endpoint;
  }
  throw new NotAllowed(`Refused to speak ${endpoint.protocol} to ${endpoint.host}`, {
    data: { host: endpoint.host },
    fix: 'Use an https endpoint; plain http is only for a registry on this machine.',
  });
}

/**
 * Where a `Location` leads, relative ones resolved against the request (RFC 9110 §10.2.2). A registry that is
 * not on this machine may not send us to an internal address (SSRF; go-containerregistry `nextLocation`).
 * Literals only: inside a VPC the blob store's *name* may well resolve to a private address.
 * @throws NotAllowed, RegistryRefused
 */
export function followLocation(registry: URL, from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw new RegistryRefused(`${from.host} sent us on without a usable Location`, {
      data: { host: from.host },
    });
  }
  const next = new URL(location, from);
  next.username = '';
  next.password = '';
  if (next.host !== registry.host && isInternal(next) && !isLoopback(registry)) {
    throw new NotAllowed(`${registry.host} sent us on to the internal address ${next.host}`, {
      data: { host: next.host, registry: registry.host },
    });
  }
  return registryUrl(next);
}

function isLoopback(url: URL): boolean {
  return bareHost(url) === 'localhost' || contains(LOOPBACK, bareHost(url));
}

function isInternal(url: URL): boolean {
  const host = bareHost(url);
  return host === 'localhost' || host.endsWith('.localhost') || contains(INTERNAL, host);
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function contains(list: BlockList, host: string): boolean {
  return list.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}
