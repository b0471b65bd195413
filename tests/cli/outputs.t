#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Where results go: a place that cannot take them is told before the work, nothing that stands there is
# lost, and a failure leaves nothing behind.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use POSIX qw(mkfifo);
use Test::More;
use Spb;

my $dat = scene();
my ($out, $fleet, $hosts) = (tmp('out'), tmp('fleet'), spit(tmp('hosts.csv'), "capture\n$dat\n"));
is((run('compare', '-q', '-i', $dat, '-o', $out))[0], 0, 'results');
is((run('batch', '-q', '-V', 'vanilla', '-o', $fleet, $hosts))[0], 0, 'and those of a fleet');
my $file = spit(tmp('file'), 'kept');
my $before = listing(tmp(''));
chdir(tmp('')) or die($!);

my @to_folder = (
	['compare', '-i', $dat], ['replay', '-i', $dat, '-V', 'vanilla'],
	['check', '-i', $dat, '-V', 'vanilla'], ['export', '--gnuplot', $out],
	['merge', $fleet], ['batch', '-V', 'vanilla', $hosts],
);
my @to_file = (
	['parse', $dat], ['cut', '-i', $dat, '-w', '50%~'], ['synth', '-p', 'saturation'],
	['report', $out], ['export', '--perfetto', $out], ['snapshot'], ['record', '-d', '1'],
);

# Rights do not tell root, nor here whether a folder can be made. stdout stays empty: no work was done.
symlink(tmp('nowhere'), tmp('dangling'));
for my $cmd (@to_folder) {
	fails(4, qr/x: cannot be an output folder/, @$cmd, '-o', $_)
		for '/proc/nowhere/x', '/sys/x', "$file/x", "$file/y/x";
	fails(4, qr/file: cannot be an output folder \(Not a directory\)/, @$cmd, '-o', $file);
	fails(4, qr/dangling: cannot be an output folder/, @$cmd, '-o', tmp('dangling'));
	fails(2, qr/-o: the folder has no name/, @$cmd, '-o', '');
	fails(2, qr/not (?:to )?standard output/, @$cmd, '-o', '-');
}
unlink(tmp('dangling'));
for my $cmd (@to_file) {
	fails(4, qr/x: cannot write: /, @$cmd, '-o', $_) for '/proc/nowhere/x', '/sys/x', "$file/x";
	fails(4, qr/a{100}: cannot write: .*too long/, @$cmd, '-o', tmp('a' x 250));
	fails(4, qr/nowhere\/x: .* - make the folder/, @$cmd, '-o', tmp('nowhere/x'));
	fails(4, qr/out: is a folder/, @$cmd, '-o', $out);
	fails(2, qr/-o: the file has no name/, @$cmd, '-o', '');
}
fails(2, qr/into a file, not to standard output/, @$_, '-o', '-') for ['snapshot'], ['record', '-d', '1'];
is(slurp($file), 'kept', 'a file in the way is kept');

# What is no file is written into, or left alone: root must not put a file where /dev/null was.
mkfifo(tmp('pipe'), 0600) or die($!);
for my $cmd (@to_file) {
	my $name = $cmd->[0];
	if ($name =~ /^(?:snapshot|record)$/ || "@$cmd" =~ /synth/) {
		fails(4, qr/pipe: is no file that could be replaced/, @$cmd, '-o', tmp('pipe'));
	} else {
		my $words = join(' ', map { "'$_'" } @$cmd);
		my ($exit) = sh("cat '" . tmp('pipe') . "' >'" . tmp('read') . "' & \"\$T\" $words -o '" .
				tmp('pipe') . "' && wait");
		is($exit, 0, "$name into a pipe");
		cmp_ok(-s tmp('read'), '>', 1000, 'there is something in it');
	}
	ok(-p tmp('pipe'), "$name: it is still one");
}
unlink(tmp('pipe'), tmp('read'));
SKIP: {
	skip('no /dev/full here', 3) unless -c '/dev/full' && $> != 0;
	fails(4, qr/\/dev\/full: cannot write: No space left/, 'report', $out, '-o', '/dev/full');
}

# A link to a file stays one.
symlink(spit(tmp('page'), 'old'), tmp('link'));
is((run('report', $out, '-o', tmp('link')))[0], 0, 'behind a link');
ok(-l tmp('link'), 'is still a link');
like(slurp(tmp('page')), qr/<html/, 'the file behind it has the page');
unlink(tmp('page'), tmp('link'));

# Inputs outlast what is written.
my $log = tmp('log');
is((run('parse', $dat, '-o', $log))[0], 0, 'a log');
my $bytes = slurp($log);
fails(2, qr/log: is an input - give another -o/, 'cut', '-i', $log, '-w', '50%~', '-o', $log);
link($log, tmp('log2'));
fails(2, qr/log2: is an input - give another -o/, 'cut', '-i', $log, '-w', '50%~', '-o', tmp('log2'));
is(slurp($log), $bytes, 'the log is still there');
unlink($log, tmp('log2'));
fails(2, qr/x\.snap: cannot hold both the capture and its snapshot/, 'synth', '-n', '9', '-o', tmp('x.snap'));
fails(2, qr/x\.dat: cannot hold both/, 'synth', '-n', '9', '-o', tmp('x.dat'), '-s', tmp('x.dat'));
fails(4, qr/nowhere\/x: cannot write/, 'synth', '-n', '9', '-o', tmp('x.dat'), '-s', tmp('nowhere/x'));

# All files of a result or none, and no folder where nothing is.
mkdir(tmp('part'));
mkdir(tmp('part/taint.csv'));
my ($exit, undef, $err) = run('compare', '-q', '-i', $dat, '-o', tmp('part'));
is($exit, 4, 'a folder where a file belongs');
like($err, qr/part\/taint\.csv: is no file that could be replaced/, 'it is named');
is(listing(tmp('part')), 'taint.csv', 'and no other file came');
rmdir(tmp('part/taint.csv'));
rmdir(tmp('part'));
SKIP: {
	# Room for one block: the first table fails.
	my ($small) = sh('ulimit -f 1; trap "" XFSZ; "$T" compare -q -i ' . "'$dat' -o '" . tmp('new/a//b/') . "'");
	is($small, 4, 'files that cannot be written');
	ok(!-e tmp('new'), 'leave no folder');
}

is(listing(tmp('')), $before, 'nothing is left of all this');
done_testing();
