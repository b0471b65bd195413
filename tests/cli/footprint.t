#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What the commands leave, where, and who may read it: nothing is written outside the file or folder
# that was named (seen by strace), nothing is writable by everybody, what comes of a private
# capture stays private.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my $strace = !system("strace -o /dev/null true 2>/dev/null");
my $record = -w '/sys/kernel/tracing/instances' && -d '/sys/kernel/tracing/events/kmem/mm_page_free';
my ($v7, $v6) = (data('small_v7.dat'), data('small_v6.dat'));
my $log = tmp('in.spblog');
my $done = tmp('done');
my $zst = tmp('in.dat.zst');
is((run('parse', '-q', '-i', $v7, '-o', $log))[0], 0, 'a log');
is((run('compare', '-q', '-i', $v7, '-o', $done))[0], 0, 'results');
is(system("zstd -qf '$v7' -o '$zst'"), 0, 'a packed capture');
spit(tmp('manifest'), "capture\n$v7\n$v6\n");
mkdir(tmp('spool'));

# A name, and the words; OUT is all that may be written, or names below it.
my @lines = (
	['parse', "parse -q -i $v7 -o OUT"],
	['parse packed', "parse -q -i $zst -o OUT"],
	['parse stdin', "parse -q -i - -o OUT <$v7"],
	['cut', "cut -q -i $log -o OUT --cpu 0"],
	['compare', "compare -q -i $v7 -o OUT"],
	['compare, no folder', "compare -q -i $v7"],
	['replay', "replay -q -i $log -V spb-v2 -o OUT"],
	['check', "check -q -i $log -V spb-v2 -o OUT"],
	['info', "info $v7"],
	['diff', "diff $done"],
	['explain', "explain $done --spb 0 --zone 0/Normal"],
	['report', "report -q $done -o OUT"],
	['perfetto', "export --perfetto $done -o OUT"],
	['gnuplot', "export --gnuplot $done -o OUT"],
	['batch', "batch -q -V vanilla -V spb-v2 -o OUT " . tmp('manifest')],
	['synth', "synth -q -n 3000 -o OUT"],
	['snapshot', 'snapshot -q -o OUT'],
	['variants', 'variants spb-v2'],
	['help', 'help compare'],
	$record ? ['record', 'record -q -d 1 -o OUT'] : (),
);

# Paths that system calls in @trace made, changed or removed.
sub touched {
	my ($trace) = @_;
	my %seen;
	for (split(/\n/, $trace)) {
		next if / = -1 /;
		next unless /^(open|openat|creat|mkdir|mkdirat|rename|renameat2?|unlink|unlinkat|rmdir|link|linkat|symlink|symlinkat|truncate|chmod|fchmodat|chown|lchown|fchownat|mknod|mknodat|utimensat)\(/;
		next if /^open/ && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/;
		$seen{$1}++ while /"((?:[^"\\]|\\.)*)"/g;
	}
	return sort keys %seen;
}

SKIP: {
	skip('strace is not installed, or may not trace', 1) unless $strace;
	for my $l (@lines) {
		my ($name, $line) = @$l;
		system('rm', '-rf', tmp('w'));
		mkdir(tmp('w'));
		my $out = tmp('w/out');
		my $traces = tmp('traces');
		system('rm', '-rf', $traces);
		mkdir($traces);
		my $cmd = $line =~ s/OUT/$out/r;
		local $ENV{TMPDIR} = tmp('spool');
		local $ENV{ASAN_OPTIONS} = 'detect_leaks=0';	# it traces, too
		my ($exit, undef, $err) =
			sh("cd / && strace -ff -qq -e trace=%file -e signal=none -o '$traces/t' \"\$T\" $cmd");
		ok($exit == 0 || $exit == 3, "$name runs") or diag($err);
		my $trace = join('', map { slurp("$traces/$_") } split(/ /, listing($traces)));
		my $w = tmp('w');
		my $spool = tmp('spool');
		# Beside it may lie what the command says so of: temporary names, FILE.snap of synth and record.
		my @else = grep { !m{^\Q$w\E/(?:\.?out|\.\d+\.tmp(?:/x)?\z)} && !m{^\Q$spool\E/spbreplay-\w+\z} && $_ ne '/dev/null' &&
			!($name eq 'record' && m{^(?:\Q$w\E|/sys/kernel/tracing/instances/spbreplay-\d+(?:/.*)?)\z}) } touched($trace);
		is("@else", '', "$name writes nothing else");
		is(listing($spool), '', "$name: nothing stays in TMPDIR");
		like($trace, qr/\bopenat\(/, "$name: it was traced");
	}
}

# Modes of all that lies below a folder, in one string without repeats.
sub modes {
	my %m;
	for my $path (split(/\n/, `find '$_[0]' -mindepth 1`)) {
		$m{sprintf('%s%03o', -d $path ? 'd' : '', (stat($path))[2] & 0777)}++;
	}
	return join(' ', sort keys %m);
}

# Nobody has to think of the umask: these are what anybody may write without one.
for my $case (['0', '664 d775', '600 d700'], ['022', '644 d755', '600 d700'], ['077', '600 d700', '600 d700']) {
	my ($umask, $open, $closed) = @$case;
	for my $private (0, 1) {
		my $want = $private ? $closed : $open;
		my ($c, $l) = (tmp("c$private.dat"), tmp("c$private.spblog"));
		system('cp', $v7, $c);
		system('cp', $log, $l);
		chmod($private ? 0600 : 0644, $c, $l);
		system('rm', '-rf', tmp('w'));
		my $w = tmp('w/x');
		my ($e, undef, $err) = sh("set -e; umask $umask; mkdir '" . tmp('w') . "'; " . join('; ', map { "\"\$T\" $_" }
			"compare -q -i $c -o $w/r", "parse -q -i $c -o $w/r/l", "cut -q -i $l --cpu 0 -o $w/r/c",
			"report -q $w/r", "export --perfetto $w/r", "export --gnuplot $w/r"));
		is($e, 0, "umask $umask") or diag($err);
		is(modes($w), $want, "umask $umask, " . ($private ? 'a private capture' : 'a capture that all may read'));
	}
}
{
	my $c = tmp('g.dat');
	system('cp', $v7, $c);
	chmod(0640, $c);
	sh("umask 022; \"\$T\" parse -q -i $c -o '" . tmp('g.spblog') . "'");
	is(sprintf('%o', (stat(tmp('g.spblog')))[2] & 0777), '640', 'what a group may read stays with it');
}
done_testing();
