import { entry, sha256, tarball } from '../intake/tarballs.ts';

/** A release as it is pushed: its bytes, and what a request says of it. */
export interface Release {
  readonly version: string;
  readonly digest: string;
  readonly bytes: Buffer;
}

/**
 * How a release behaves on a host. `dies`: right after its start. `sick`: answers 500. `mute`: never tells systemd that it is
 * ready (for units of Type=notify).
 */
export type Manner = 'well' | 'dies' | 'sick' | 'mute';

/** A server of one file, which tells the version that its own release holds. Its health is also a file on the host. */
const SERVE = `#!/usr/bin/perl
use IO::Socket::INET;
my ($port, $service) = @ARGV;
(my $home = $0) =~ s{/bin/serve$}{};
sub text { open my $file, '<', "$home/$_[0]" or return ''; my $line = <$file>; chomp $line; return $line }
my ($version, $manner) = (text('VERSION'), text('MANNER'));
exit 3 if $manner eq 'dies';
my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 9, ReuseAddr => 1) or die;
system('systemd-notify', '--ready') if $ENV{NOTIFY_SOCKET} && $manner ne 'mute';
while (my $client = $socket->accept) {
  while (my $line = <$client>) { last if $line =~ /^\\r?$/ }
  my $status = $manner eq 'sick' || -e "/run/$service-is-sick" ? 500 : 200;
  print $client "HTTP/1.0 $status Told\\r\\n\\r\\n$version";
  close $client;
}
`;

/** Tells what it was called with, and how things stood at that moment. */
const CLEANUP = `#!/bin/sh
cat <<TOLD >"/tmp/$CONVEYOR_SERVICE-cleanup"
$CONVEYOR_VERSION failed, back to $CONVEYOR_GOOD, as $(id -un), current is $(readlink "/srv/wardnet/$CONVEYOR_SERVICE/current")
TOLD
`;

const folder = (name: string) => entry({ name, type: '5', mode: 0o755 });
const program = (name: string, content: string) => entry({ name, content, mode: 0o755 });

/** A release of the little server above; `more` are further entries of its tarball, see `entry`. */
export function release(version: string, manner: Manner = 'well', ...more: Buffer[]): Release {
  const bytes = tarball(
    folder('./'),
    folder('./bin/'),
    program('./bin/serve', SERVE),
    program('./bin/cleanup', CLEANUP),
    entry({ name: './VERSION', content: `${version}\n` }),
    entry({ name: './MANNER', content: `${manner}\n` }),
    ...more,
  );
  return { version, digest: sha256(bytes), bytes };
}
