#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The command line itself: help, versions, suggestions, and every way to type it wrong.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my ($exit, $out, $err) = run('--version');
is($exit, 0, '--version');
like($out, qr/\Aspbreplay \d+\.\d+\.\d+\n\z/, 'prints one line');

($exit, $out, $err) = run();
is($exit, 2, 'no command');
is($out, '', 'usage is not a result');
like($err, qr/^usage: spbreplay/, 'usage');

for my $words (['--help'], ['-h'], ['help']) {
	($exit, $out, $err) = run(@$words);
	is($exit, 0, "@$words");
	like($out, qr/^  $_ /m, "@$words lists $_") for qw(compare replay parse info variants report export);
}
for my $cmd (qw(compare replay parse info variants report export)) {
	($exit, $out, $err) = run('help', $cmd);
	is($exit, 0, "help $cmd");
	like($out, qr/\Ausage: spbreplay $cmd /, "help $cmd: usage");
	unlike($out, qr/^\s+-\w, +--\w+\s*$/m, 'every option has a line of help');
	for my $h ('-h', '--help') {
		my ($e, $o) = run($cmd, $h);
		is($e, 0, "$cmd $h");
		is($o, $out, "$cmd $h is help $cmd");
	}
}

# The document of all columns is printed from the tables; the copy must be current.
($exit, $out) = run('help', 'metrics');
is($exit, 0, 'help metrics');
is($out, slurp("$FindBin::Bin/../../docs/metrics.md"),
	"docs/metrics.md is current: spbreplay help metrics > docs/metrics.md");

fails(2, qr/unknown command 'compre' - did you mean 'compare'\?/, 'compre');
fails(2, qr/unknown command 'zzzzzz' - see/, 'zzzzzz');
fails(2, qr/unknown command 'repla'.*'replay'/, 'help', 'repla');
fails(2, qr/unknown option --frob/, '--frob');
fails(2, qr/unknown option --windwo - did you mean --window/, 'compare', '--windwo', '1~2');
fails(2, qr/unknown option -x/, 'compare', '-x');
fails(2, qr/--variant needs a value/, 'compare', '-V');
fails(2, qr/--quiet takes no value/, 'compare', '--quiet=yes');
fails(2, qr/--jobs: 'two' is not a number/, 'compare', '-j', 'two');
fails(2, qr/--jobs: '-1' is not a number/, 'compare', '-j', '-1');
fails(2, qr/--seed: '99999999999999999999' is not/, 'compare', '--seed', '9' x 20);
fails(2, qr/--spb-order: 19 is out of range - give 11 to 18/, 'compare', '--spb-order', '19');
fails(2, qr/--samples: 0 is out of range/, 'compare', '--samples', '0');
fails(2, qr/no input - give -i/, 'compare');
fails(2, qr/unexpected argument 'x'/, 'compare', 'x');
fails(2, qr/no variant/, 'replay', '-i', 'x');
fails(2, qr/several variants/, 'replay', '-i', 'x', '-V', 'spb-v1-none', '-V', 'spb-v1-alloc');
fails(2, qr/one variant is not enough/, 'compare', '-i', 'x', '-V', 'spb-v1-none');
fails(2, qr/given twice/, 'compare', '-i', 'x', '-V', 'spb-v1-none', '-V', 'spb-v1-none');
fails(2, qr/unknown level 'pages'/, 'compare', '-i', 'x', '--level', 'pages');
fails(2, qr/unknown state 'exactly' - available: repopulate, exact, empty/, 'compare', '-i', 'x',
      '--initial', 'exactly');
fails(2, qr/--fill: '60': no percentage - write PERCENT:MIX/, 'compare', '-i', 'x', '--fill', '60');
fails(2, qr/not between 1 and 95/, 'compare', '-i', 'x', '--fill', '96:100M');
fails(2, qr/shares are not 100 together/, 'compare', '-i', 'x', '--fill', '50:70M20U');
fails(2, qr/not of M, U or R, or one is there twice/, 'compare', '-i', 'x', '--fill', '50:50M50M');
fails(2, qr/a share is no number/, 'compare', '-i', 'x', '--fill', '50:M');
fails(2, qr/an exact start has no room/, 'compare', '-i', 'x', '--fill', '50:100M', '-I', 'exact');
fails(2, qr/unknown state 'none'/, 'compare', '-i', 'x', '--initial', 'none');
fails(2, qr/--window: '5'/, 'compare', '-i', 'x', '--window', '5');
fails(2, qr/--window: '1~x'/, 'compare', '-i', 'x', '--window', '1~x');
fails(2, qr/lies outside of the capture - its events are from 1000\.0+ to 1015\./, 'compare', '-i', scene(), '-w', '100%~');
fails(2, qr/--window: is empty, both sides are 1007\.5\d+ s/, 'compare', '-i', scene(), '-w', '50%~50%');
fails(2, qr/ends at 1002\.0+ s, before it begins at 1003\.0+ s/, 'compare', '-i', scene(), '-w', '+3~+2');
fails(2, qr/--window: '101%~'/, 'compare', '-i', 'x', '--window', '101%~');
fails(2, qr/info: an argument is missing/, 'info');
fails(2, qr/--help takes no value/, 'info', '--help=all');
fails(2, qr/unknown command 'metric' - did you mean 'metrics'/, 'help', 'metric');
fails(2, qr/no capture/, 'parse');
fails(2, qr/nosuchthing: cannot be run/, 'record', '-o', tmp('h.dat'), '--', 'nosuchthing');
fails(2, qr/cannot be run/, 'record', '-o', tmp('h.dat'), '');
ok(!-e tmp('h.dat'), 'nothing is recorded for a command that cannot be run');
fails(2, qr/too many|more than/, 'compare', '-i', 'x', map { ('-V', 'spb-v1-none') } 1 .. 70);

# Results that cannot be written are an error, not a success.
SKIP: {
	skip('no /dev/full here', 2) unless -c '/dev/full';
	($exit, $out, $err) = sh('"$T" variants >/dev/full');
	is($exit, 4, 'full stdout');
	one_line($err, 'one line');
}
($exit, $out, $err) = sh('"$T" variants >&-');
is($exit, 4, 'closed stdout');
one_line($err, 'one line');
($exit, $out, $err) = sh('{ "$T" variants; echo $? >&3; } 3>&1 | true; sleep 0.2');
unlike($err, qr/ignal/, 'a pipe nobody reads is no crash');

# A copy of what has no end would fill the disk.
SKIP: {
	skip('no /dev/zero here', 1) unless -c '/dev/zero';
	fails(4, qr/\/dev\/zero: is a device/, 'info', '/dev/zero');
}

# One line stays one line, whatever the name.
fails(4, qr/a\?b\?\[31mc/, 'info', "a\nb\033[31mc");

done_testing();
