#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Bad input, bad output: one line that names the thing, the right exit status, nothing half-written.
use strict;
use warnings;
use File::Copy qw(copy);
use FindBin;
use lib $FindBin::Bin;
use POSIX qw(mkfifo);
use Test::More;
use Spb;

my $v6 = data('small_v6.dat');
my $v7 = data('small_v7.dat');
my $out = tmp('out');

# Nothing to use: every command says so and leaves no output folder.
my @useless = (
	['missing.dat', undef, 4, qr/missing\.dat: .*No such file/],
	['empty.dat', '', 3, qr/empty\.dat: .*empty/],
	['text.dat', "hello\nworld\n", 3, qr/text\.dat: /],
	['random.dat', join('', map { chr(($_ * 167 + 13) % 256) } 1 .. 5000), 3, qr/random\.dat: /],
	['head.dat', substr(slurp($v7), 0, 11), 3, qr/head\.dat: /],
	['tiny6.dat', substr(slurp($v6), 0, 300), 3, qr/tiny6\.dat: /],
);
for my $case (@useless) {
	my ($name, $bytes, $status, $match) = @$case;
	my $path = defined $bytes ? spit(tmp($name), $bytes) : tmp($name);
	fails($status, $match, 'info', $path);
	fails($status, $match, 'compare', '-i', $path, '-o', $out);
	fails($status, $match, 'replay', '-i', $path, '-V', 'spb-v1-none', '-o', $out);
	fails($status, $match, 'parse', '-i', $path, '-o', tmp('x.spblog'));
}
mkdir(tmp('folder'));
fails(4, qr/folder: is a folder/, $_->[0], @$_[1 .. $#$_])
	for ['info', tmp('folder')], ['compare', '-i', tmp('folder'), '-o', $out];
ok(!-e $out, 'no output folder');
ok(!-e tmp('x.spblog'), 'no log');

# Names that are not there.
fails(2, qr/nosuch/, 'compare', '-i', $v7, '--buffer', 'nosuch', '-o', $out);
fails(2, qr/zone '9\/None'/, 'compare', '-i', $v7, '--zone', '9/None', '-o', $out);
fails(2, qr/unknown variant/, 'compare', '-i', $v7, '-V', 'a', '-V', 'b', '-o', $out);
fails(2, qr/knob "hz"/, 'replay', '-i', $v7, '-V', 'spb-v1-none:hz=1', '-o', $out);
fails(2, qr/has no events of CPUs 77 - widen --cpu/, 'compare', '-i', $v7, '--cpu', '77', '-o', $out);
fails(2, qr/captures and event logs cannot be read together/, 'info', $v7,
	"$FindBin::Bin/../../examples/host/trace.spblog");
fails(4, qr/batch\.csv: .*give the folder that batch -o wrote/, 'merge', $FindBin::Bin);
fails(4, qr/nosnap/, 'compare', '-i', $v7, '-s', tmp('nosnap'), '-o', $out);
ok(!-e $out, 'still no output folder');

# Outputs that cannot be.
my $file = spit(tmp('plain'), 'x');
fails(4, qr/plain/, 'compare', '-i', $v7, '-o', $file);
fails(4, qr/plain/, 'compare', '-i', $v7, '-o', "$file/below/it");
fails(4, qr/plain/, 'parse', '-i', $v7, '-o', "$file/x.spblog");
fails(4, qr/nowhere/, 'parse', '-i', $v7, '-o', tmp('nowhere/x.spblog'));
fails(4, qr/is a folder/, 'parse', '-i', $v7, '-o', tmp('folder'));
my $outcome = "$FindBin::Bin/../../examples/saturation/outcome";
for my $save (['report'], ['export', '--perfetto']) {
	fails(4, qr/nowhere\/x: .*make the folder/, @$save, $outcome, '-o', tmp('nowhere/x'));
	fails(4, qr/is a folder/, @$save, $outcome, '-o', tmp('folder'));
}
ok(!-e tmp('nowhere'), 'a folder mistyped is not made');
fails(2, qr/is an input - give another -o/, 'parse', '-i', spit(tmp('same.dat'), slurp($v7)), '-o',
	tmp('same.dat'));
is(slurp(tmp('same.dat')), slurp($v7), 'the capture is whole');
is(slurp($file), 'x', 'the file in the way is whole');
is(listing(tmp('folder')), '', 'nothing half-written');
SKIP: {
	skip('root may write anywhere', 2) if $> == 0;
	mkdir(tmp('locked'));
	chmod(0500, tmp('locked'));
	fails(4, qr/cannot write/, 'compare', '-i', $v7, '-o', tmp('locked'));
	fails(4, qr/locked/, 'parse', '-i', $v7, '-o', tmp('locked/x.spblog'));
}
SKIP: {
	skip('no /dev/full here', 2) unless -c '/dev/full';
	my ($exit, undef, $err) = sh("\"\$T\" parse -q -i '$v7' -o - >/dev/full");
	is($exit, 4, 'a log that does not fit');
	one_line($err, 'one line');
}

# A default name is never replaced behind the user's back.
{
	my $dir = tmp('cwd');
	mkdir($dir);
	my ($exit, $o, $err) = sh("cd '$dir' && \"\$T\" parse -i '$v7'");
	is($exit, 0, 'parse without -o');
	is(listing($dir), 'small_v7.spblog', 'NAME.spblog in the current folder');
	like($err, qr/small_v7\.spblog: [\d,]+ events/, 'says what it wrote');
	my $before = slurp("$dir/small_v7.spblog");
	spit("$dir/small_v7.spblog", 'mine');
	($exit, $o, $err) = sh("cd '$dir' && \"\$T\" parse -i '$v7'");
	is($exit, 2, 'it is there already');
	like($err, qr/exists already - give --force/, 'says so');
	is(slurp("$dir/small_v7.spblog"), 'mine', 'and is untouched');
	is((sh("cd '$dir' && \"\$T\" parse -q -f -i '$v7'"))[0], 0, '--force');
	is(slurp("$dir/small_v7.spblog"), $before, 'replaces it; two runs write the same bytes');
	is(listing($dir), 'small_v7.spblog', 'no temporary files left');
}

# Damaged captures: what could be used is used, marked partial, exit 3.
sub cut {
	my ($path, $share, $name) = @_;
	my $bytes = slurp($path);
	return spit(tmp($name), substr($bytes, 0, int(length($bytes) * $share)));
}
my $whole = (run('info', '--json', $v6))[1] =~ /"nr_events": (\d+)/ ? $1 : 0;
cmp_ok($whole, '>', 1000, 'the whole capture has events');
for my $case (['cut6.dat', $v6, 0.7], ['cut7.dat', $v7, 0.7]) {
	my ($name, $from, $share) = @$case;
	my $path = cut($from, $share, $name);
	my ($exit, $o, $err) = run('info', '--json', $path);
	is($exit, 3, "info $name");
	like($err, qr/^spbreplay: \S*\Q$name\E: /, 'names the file');
	my $n = $o =~ /"nr_events": (\d+)/ ? $1 : 0;
	next unless $n;	# a v7 file keeps its directory at the end: it may be lost
	cmp_ok($n, '<', $whole, 'fewer events than the whole');
	like($o, qr/"partial": true/, 'marked');
	($exit, $o, $err) = run('compare', '-i', $path, '-o', tmp("out-$name"));
	is($exit, 3, "compare $name");
	like($o, qr/tainted at the end/, 'still a table');
	is((csv(tmp("out-$name/summary.csv")))[0]{variant}, 'spb-v1-none', 'still files');
	like(slurp(tmp("out-$name/run.json")), qr/partial/, 'run.json says partial');
	($exit) = run('parse', '-q', '-i', $path, '-o', tmp("$name.spblog"));
	is($exit, 3, "parse $name");
	($exit, $o) = run('info', '--json', tmp("$name.spblog"));
	is($exit, 3, 'and its log stays partial');
	like($o, qr/"nr_events": $n\b/, 'with the same events');
}

# The option chain of a v7 file lost: a garbage offset must not crash or hang.
{
	my $bytes = slurp($v7);
	my $at = index($bytes, "zstd\0");
	$at = index($bytes, "\0", $at + 5) + 1;	# behind compressor and its version: u64 offset
	for my $offset (0, 3, length($bytes), length($bytes) - 1, 0xffffffff, ~0) {
		my $broken = $bytes;
		substr($broken, $at, 8) = pack('Q<', $offset);
		my $path = spit(tmp('offset.dat'), $broken);
		my ($exit, undef, $err) = run('info', $path);
		is($exit, 3, "options at $offset");
		like($err, qr/^spbreplay: \S*offset\.dat: [^\n]+\n\z/m, 'one line');
	}
}

# Damaged logs.
{
	my $log = tmp('whole.spblog');
	is((run('parse', '-q', '-i', $v6, '-o', $log))[0], 0, 'a log');
	my $short = cut($log, 0.6, 'short.spblog');
	my ($exit, $o, $err) = run('compare', '-i', $short, '-o', tmp('out-short'));
	is($exit, 3, 'a cut log');
	like($err, qr/short\.spblog: /, 'is named');
	($exit, $o) = run('compare', '--strict', '-i', $short, '-o', tmp('out-strict'));
	is($exit, 3, '--strict refuses it');
	is($o, '', 'without a table');
	ok(!-e tmp('out-strict'), 'or files');
	my $bytes = slurp($log);
	for my $part (0.001, 0.2, 0.5, 0.8, 0.999) {
		my $flipped = $bytes;
		my $at = int(length($bytes) * $part);
		substr($flipped, $at, 1) = chr(ord(substr($bytes, $at, 1)) ^ 0x55);
		($exit) = run('compare', '-q', '-i', spit(tmp('flip.spblog'), $flipped));
		ok($exit == 3 || $exit == 0, "a flipped byte at $at: exit $exit, no crash");
	}
	fails(2, qr/is an event log already|an event log/, 'parse', '-i', $log, '-o', tmp('y.spblog'));
}

# A snapshot of another host with zones at the same place: nothing else would tell.
my $synth = scene();
my $snap = $synth =~ s/dat$/snap/r;
my $other = tmp('other');
mkdir($other);
spit("$other/$_", slurp("$FindBin::Bin/../../examples/host/before/$_") // '') for qw(zoneinfo pagetypeinfo);
my %kernel = (same => "6.18.0-synth\n", long => "Linux synth 6.18.0-synth x86_64\n", another => "6.1.0\n");
for my $which (sort keys %kernel) {
	spit("$other/kernel", $kernel{$which});
	my ($exit, undef, $err) = run('compare', '-i', $synth, '-s', $other);
	is($exit, 0, "a snapshot of $which kernel") or diag($err);
	is($err =~ /warning: \S+: is of kernel 6\.1\.0, the capture of 6\.18\.0-synth - is it of this host\?/ ? 1 : 0,
		$which eq 'another' ? 1 : 0, 'is told where it is another one');
}

# Options that are to name something.
fails(2, qr/ -s: the snapshot has no name - give one/, @$_, '-s', '')
	for ['info', $v7], ['compare', '-i', $v7], ['replay', '-i', $v7, '-V', 'vanilla'],
	    ['check', '-i', $v7, '-V', 'vanilla'], ['cut', '-i', $v7, '-o', tmp('cut.spblog')];
fails(2, qr/ --after: the snapshot has no name/, 'check', '-i', $v7, '-V', 'vanilla', '--after', '');
fails(2, qr/ -s: the file has no name/, 'synth', '-q', '-n', 100, '-o', tmp('named.dat'), '-s', '');

# Temporary files have no place.
{
	local $ENV{TMPDIR} = tmp('no-folder');
	fails(4, qr{no-folder: cannot make a temporary file \(No such file or directory\) - set TMPDIR},
		'synth', '-q', '-n', 100, '-o', tmp('k.dat'));
}

# A log without one whole frame: there are no results to speak of.
my $log = tmp('frameless.spblog');
run('synth', '-q', '-n', 2000, '-o', $log);
spit($log, substr(slurp($log), 0, 1000));
fails(3, qr/partial: data frame cut off .* - nothing to replay is in what could be read/,
	'replay', '-i', $log, '-V', 'vanilla', '-o', tmp('none'));

# A member of a result folder that is no file: nothing waits for who will write into a pipe.
my $odd = tmp('odd');
mkdir($odd);
copy($_, "$odd/") for glob("$outcome/*");
sub odd_member {
	my ($name, $make, @commands) = @_;
	rename("$odd/$name", "$odd/.away");
	$make->("$odd/$name") or die("$name: $!");
	alarm(120);
	fails(4, qr{odd/\Q$name\E: is no regular file - }, @$_) for @commands;
	alarm(0);
	unlink("$odd/$name") || rmdir("$odd/$name");
	rename("$odd/.away", "$odd/$name");
}
my $pipe = sub { mkfifo($_[0], 0600) };
my @report = ('report', $odd, '-o', tmp('odd.html'));
my @explain = ('explain', $odd, '--spb', '0');
odd_member('summary.csv', $pipe, ['diff', $odd], [@report], [@explain], ['export', '--perfetto', $odd]);
odd_member('taint.csv', $pipe, ['diff', $odd], [@report], [@explain]);
odd_member('run.json', $pipe, ['diff', $odd], [@report], ['export', '--gnuplot', $odd]);
odd_member('check.csv', $pipe, [@report]);
odd_member('check.csv', sub { mkdir($_[0]) }, [@report]);
odd_member('taint.csv', sub { mkdir($_[0]) }, ['diff', $odd]);
odd_member('batch.csv', $pipe, ['merge', $odd]);

# The same of a snapshot.
copy($_, "$odd/") for glob("$FindBin::Bin/../../examples/host/before/*");
for my $name (qw(zoneinfo pagetypeinfo iomem kpageflags kpageflags.zst)) {
	copy("$odd/zoneinfo", "$odd/$name") unless -e "$odd/$name";
	odd_member($name, $pipe, ['info', '-s', $odd, data('small_v7.dat')]);
	unlink("$odd/kpageflags");
}

done_testing();
