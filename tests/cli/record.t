#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# record and snapshot on this very host, where tracefs can be written; skipped where not.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my $tracing = (grep { -d "$_/instances" } '/sys/kernel/tracing', '/sys/kernel/debug/tracing')[0];
my $work = 'for i in 1 2 3; do head -c 40000000 /dev/zero | tail -c 39000000 >/dev/null; done';

# Readable by nobody else: they hold names and addresses.
sub private { return is(sprintf('%o', (stat($_[0]))[2] & 0777), '600', "$_[1]: mode 600") }

# --- snapshot: whatever this user may read ---
my $snap = tmp('host.snap');
my ($exit, undef, $err) = run('snapshot', '-o', $snap);
is($exit, 0, 'snapshot') or diag($err);
ok(-s $snap, 'a file');
private($snap, 'snapshot');
# A link in the way of the temporary file is not followed.
{
	my $victim = spit(tmp('victim'), 'mine');
	my $pid = fork() // die("fork: $!");
	if (!$pid) {
		symlink($victim, tmp("link.snap.tmp$$"));
		exec($ENV{SPBREPLAY} // "$FindBin::Bin/../../spbreplay", 'snapshot', '-q', '-o', tmp('link.snap')) or exit(127);
	}
	waitpid($pid, 0);
	is($?, 0, 'a link where the temporary file will be');
	is(slurp($victim), 'mine', 'is not followed');
	unlink($victim, tmp('link.snap'));
}
is(listing(tmp('')) =~ s/\.std(?:out|err) ?//gr, 'host.snap', 'and no temporary one');
my $v7 = data('small_v7.dat');
my $out;
($exit, $out, $err) = run('info', '-s', $snap, $v7);
is($exit, 0, 'which info reads') or diag($err);
like($out, qr/^zones \(known\)/m, 'with the zones of this host');
my ($zone) = grep { /Node 0, zone/ } split(/\n/, slurp('/proc/zoneinfo'));
my ($name) = $zone =~ /zone\s+(\w+)/;
like($out, qr/^  0\/$name /m, "zone $name");
SKIP: {
	skip('only root may read everything', 3) if $> != 0;
	unlike($err, qr/cannot read/, 'nothing missing');
	my $tmp = tmp('nobody.snap');
	chmod(0777, tmp(''));
	my ($e, undef, $said) = sh("su nobody -s /bin/sh -c '\"\$0\" snapshot -o $tmp' \"\$T\"");
	skip('cannot become nobody', 2) unless -s $tmp;
	is((run('info', '-s', $tmp, $v7))[0], 0, 'without root a snapshot holds what it may');
	like($said, qr{cannot read /proc/kpageflags .* - residents are then known only}, 'and says what that costs');
}
# Root does in a user's folder what that user could: the files are that user's.
my $nobody = (getpwnam('nobody'))[2];
my $theirs = tmp('theirs');
SKIP: {
	skip('only root can write as others', 4) unless $> == 0 && defined $nobody;
	mkdir($theirs);
	my $mine = tmp('mine');
	mkdir($mine, 0700);
	symlink($mine, "$theirs/link");
	skip('cannot give a folder away', 4) unless chown($nobody, -1, $theirs) && chmod(0700, $theirs);
	is((run('snapshot', '-q', '-o', "$theirs/x.snap"))[0], 0, "a snapshot into another user's folder");
	is((stat("$theirs/x.snap"))[4], $nobody, 'belongs to that user');
	private("$theirs/x.snap", 'and');
	ok(-s "$theirs/x.snap" > (-s $snap) / 2, 'and is as full as any');
	unlink("$theirs/link");
	rmdir($mine);
}
for my $at (0.1, 0.5, 0.9) {
	my $cut = spit(tmp('cut.snap'), substr(slurp($snap), 0, int((-s $snap) * $at)));
	fails(3, qr/cut\.snap: /, 'info', '-s', $cut, $v7);
}
{
	# Of the checksum: a match elsewhere, to the same bytes, would unpack to the same snapshot.
	my $flip = slurp($snap);
	substr($flip, -1) ^= "\x10";
	fails(3, qr/flip\.snap: /, 'info', '-s', spit(tmp('flip.snap'), $flip), $v7);
}
fails(4, qr/nowhere/, 'snapshot', '-o', tmp('nowhere/x.snap'));

SKIP: {
	skip('tracefs cannot be written here: nothing is recorded', 1)
		unless $tracing && -w "$tracing/instances" &&
			-d "$tracing/events/kmem/mm_page_free";
	my $instances = listing("$tracing/instances");
	my $top = join('', map { slurp("$tracing/$_") } qw(tracing_on set_event buffer_size_kb trace_clock));
	my $dat = tmp('host.dat');
	my $trace_cmd = !system('command -v trace-cmd >/dev/null 2>&1');

	# A command, with snapshots around it.
	($exit, undef, $err) = run('record', '-o', $dat, '-p', '--', 'sh', '-c', $work);
	is($exit, 0, 'record a command') or diag($err);
	my ($said) = $err =~ /host\.dat: ([\d,]+) events in .*; ([\d,]+) lost/;
	$said =~ tr/,//d;
	cmp_ok($said, '>', 0, 'events');
	like($err, qr/cost of recording: .* events\/s, .*\/s to disk, .* % of one CPU/, 'and cost');
	ok(-s tmp("host.$_.snap"), "a snapshot $_") for qw(before after);
	private($dat, 'recording');
	my ($e, $json) = run('info', '--json', '-s', tmp('host.before.snap'), $dat);
	is($e, 0, 'info');
	my ($nr) = $json =~ /"nr_events": (\d+)/;
	is($nr, $said, 'as many events as record said');
	like($json, qr/"mono"/, 'clock mono');
	for my $version (7, 6) {
		my $file = $version == 7 ? $dat : tmp('v6.dat');
		run('record', '-q', '--no-snapshot', '--trace-version', 6, '-o', $file, '--', 'sh', '-c', $work)
			if $version == 6;
		my $mine = (run('info', '--json', $file))[1] =~ /"nr_events": (\d+)/ ? $1 : -1;
		SKIP: {
			skip('trace-cmd is not installed', 2) unless $trace_cmd;
			my $theirs = `trace-cmd report '$file' 2>/dev/null | grep -c ': mm_page_'` + 0;
			is($theirs, $mine, "v$version: trace-cmd reports as many");
			is(system("trace-cmd report '$file' >/dev/null 2>&1"), 0, "v$version: opens it");
		}
	}
	($e, $out, $err) = run('compare', '-q', '-i', $dat, '-s', tmp('host.before.snap'));
	is($e, 0, 'it replays') or diag($err);
	like($out, qr/tainted at the end/, 'with a table');

	# What it may do while it records: six capabilities. Its command may do what root may.
	if ($> == 0) {
		my $seen = tmp('seen');
		my @where = -d $theirs ? "$theirs/r.dat" : tmp('r.dat');
		is((run('record', '-q', '--no-snapshot', '-o', @where, '--', 'sh', '-c',
			"grep -E '^Cap(Prm|Eff)' /proc/\$PPID/status /proc/self/status | cut -d: -f2- >$seen"))[0], 0, 'record');
		my ($prm, $eff, $cmd_prm, $cmd_eff) = slurp($seen) =~ /(?:Prm|Eff):\s*(\w+)/g;
		my ($own) = slurp('/proc/self/status') =~ /CapPrm:\s*(\w+)/;
		# CAP_DAC_READ_SEARCH, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SYS_PTRACE, CAP_SYS_ADMIN
		no warnings 'portable';
		my $want = sprintf('%016x', hex($own) & (1 << 2 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 19 | 1 << 21));
		is("$prm $eff", "$want $want", 'with few capabilities');
		is("$cmd_prm $cmd_eff", "$own $own", 'and a command with all');
		is((stat($where[0]))[4], -d $theirs ? $nobody : 0, "the file is the folder's owner's");
	}

	# What the host moves on its own: in trace.dat and in trace-cmd's text the same.
	SKIP: {
		my $compact = '/proc/sys/vm/compact_memory';
		skip('memory cannot be compacted here', 6)
			unless -w $compact && -d "$tracing/events/compaction/mm_compaction_begin";
		my $file = tmp('moves.dat');
		is((run('record', '-q', '--no-snapshot', '--moves', '-o', $file, '--', 'sh', '-c',
			"$work; echo 1 >$compact"))[0], 0, 'record --moves');
		my ($mine) = (run('info', '--json', $file))[1] =~ /"compactions": (\d+)/;
		cmp_ok($mine // 0, '>', 0, 'compactions are seen');
		unlike((run('info', $file))[1], qr/cannot answer.*which frees were compaction/s,
			'and answer what was moved');
		skip('trace-cmd is not installed', 3) unless $trace_cmd;
		my $text = tmp('moves.txt');
		system("trace-cmd report -t '$file' >'$text' 2>/dev/null");
		my $ends = grep { /: mm_compaction_end: / } split(/\n/, slurp($text));
		is($mine, $ends, 'as many as trace-cmd reports');
		my ($a, $b) = map { (run('info', '--json', $_))[1] =~ /"moves": (\{.*?\n  \})/s } $file, $text;
		is($b, $a, 'text tells the same');
		($e, $out, $err) = run('compare', '-q', '-i', $file);
		is($e, 0, 'it replays') or diag($err);
	}

	# Ends of all kinds leave a valid file.
	# On a busy machine it may take a while to begin; until then a signal just ends the program.
	my $begun = "for i in \$(seq 150); do [ \"\$(cat $tracing/instances/spbreplay-\$p/tracing_on 2>/dev/null)\" = 1 ] && break; sleep 0.1; done";
	for my $case (['INT', '--cpu', '0'], ['TERM', '--min-order', '1']) {
		my ($sig, @opts) = @$case;
		my $file = tmp("$sig.dat");
		sh("\"\$T\" record -o '$file' --no-snapshot @opts 2>/dev/null & p=\$!; taskset -cp 0 \$\$ >/dev/null 2>&1; $begun; $work; sleep 0.5; kill -$sig \$p; wait \$p");
		($e, $json, $err) = run('info', '--json', $file);
		is($e, 0, "SIG$sig: a valid file") or diag($err);
		cmp_ok($json =~ /"nr_events": (\d+)/ ? $1 : 0, '>', 0, "SIG$sig: with events");
		unlike($json, qr/"cpu": [1-9]/, 'of one CPU') if $sig eq 'INT';
	}
	my $build = $ENV{SPB_BUILD} // "$FindBin::Bin/../../build";
	my $dumped = `$build/tests/tools/dump_events '${\ tmp('TERM.dat')}'`;
	diag('nothing above order 0 was freed meanwhile') unless $dumped =~ /mm_page_free /;
	unlike($dumped, qr/mm_page_free .*order=0$/m, '--min-order: none below');
	is((run('record', '-q', '--no-snapshot', '-d', '1', '--zone', "0/$name", '-o', tmp('z.dat')))[0], 0,
		'--zone and --duration');
	fails(2, qr/no zone '9\/None'/, 'record', '--zone', '9/None', '-o', tmp('n.dat'));
	fails(4, qr/make the folder/, 'record', '-d', '1', '-o', tmp('nowhere/n.dat'));
	{
		# Without PATH there is still where execvp() looks.
		delete local $ENV{PATH};
		fails(4, qr/make the folder/, 'record', '-o', tmp('nowhere/n.dat'), '--', 'true');
	}
	ok(!-e tmp('n.dat'), 'nothing half-written');

	# The recording outlasts the snapshot after it.
	mkdir(tmp('k.after.snap'));
	($exit, $out, $err) = run('record', '-q', '-o', tmp('k.dat'), '--', 'sh', '-c', $work);
	is($exit, 4, 'a snapshot that cannot be written');
	one_line($err, 'is said');
	like($err, qr/k\.after\.snap: cannot/, 'by name');
	($exit, undef, $err) = run('info', tmp('k.dat'));
	is($exit, 0, 'and the recording is there') or diag($err);

	# A full disk.
	my $small = tmp('small');
	mkdir($small);
	SKIP: {
		skip('cannot mount a small disk', 3)
			if system("mount -t tmpfs -o size=9m none '$small' 2>/dev/null");
		($e, undef, $err) = run('record', '--no-snapshot', '-p', '-d', '30', '-o', "$small/x.dat",
			'--', 'sh', '-c', "$work; $work; $work; $work; $work; $work; $work; sleep 20");
		is($e, 0, 'a disk that fills up');
		like($err, qr/the disk is (?:nearly )?full/, 'is said');
		is((run('info', '-q', "$small/x.dat"))[0], 0, 'and leaves a valid file');
		system('umount', $small);
	}

	# A recording that is killed leaves an instance; the next one removes it. Another killed one had
	# the number of a process that lives now. Instances that are used, and others' ones, stay.
	(undef, $out) = sh("\"\$T\" record -o '${\ tmp('k.dat')}' --no-snapshot 2>/dev/null & p=\$!; $begun; kill -KILL \$p; wait \$p 2>/dev/null; echo \$p");
	my $killed = "$tracing/instances/spbreplay-" . ($out + 0);
	my $reused = "$tracing/instances/spbreplay-$$";
	my $other = "$tracing/instances/spbreplay-$$.mine";
	my $used = "$tracing/instances/spbreplay-999999999";
	ok(-d $killed, 'a killed recording leaves its instance');
	ok(mkdir($_), "mkdir $_") for $reused, $other, $used;
	open(my $reader, '<', "$used/trace_pipe") or die("$used: $!");
	($e, undef, $err) = run('record', '--no-snapshot', '-d', '1', '-o', tmp('k.dat'));
	like($err, qr/removed [1-9]\d* tracing instance/, 'which the next one removes');
	is(join(' ', map { -d $_ ? 'there' : 'gone' } $killed, $reused, $other, $used), 'gone gone there there',
		'and those that are nobody\'s');
	close($reader);
	ok(rmdir($_), "rmdir $_") for $other, $used;
	is(listing(tmp('')) =~ /k\.dat\S/ ? 'there' : '', '', 'and no file of it is left');

	# A library that gets no memory ends it: nothing is left, in tracefs or in a folder of another user.
	my $shim = ($ENV{SPB_BUILD} // "$FindBin::Bin/../../build") . '/tests/fault/shim.so';
	SKIP: {
		skip('no way to make allocations of libraries fail', 2) if $ENV{SPB_SANITIZED} || !-e $shim;
		my $folder = tmp('others');
		mkdir($folder);
		chown($nobody, -1, $folder) if defined $nobody;
		my ($nr, @bad) = (0);
		for (my $k = 11; ; $k += 29) {
			($e, $out, $err) = sh("SPB_FAULT=library:$k LD_PRELOAD='$shim' \"\$T\" record -q -o '$folder/r.dat' --no-snapshot -- true & p=\$!; wait \$p; e=\$?; echo \$p; exit \$e");
			last if $e == 0;
			$nr++;
			push(@bad, "$k: exit $e, $err") unless $e == 4 && $err =~ /\A(?:spbreplay: warning: .*\n)*spbreplay: out of memory in a library .*\n\z/;
			push(@bad, "$k: an instance is left") if -d "$tracing/instances/spbreplay-" . ($out + 0);
			# Late ones find the file whole, under its name.
			my $left = listing($folder);
			push(@bad, "$k: left $left") unless $left eq '' || ($left eq 'r.dat' &&
				(run('info', "$folder/r.dat"))[0] == 0);
			unlink("$folder/r.dat");
		}
		is(join("\n", @bad), '', 'no memory for a library');
		cmp_ok($nr, '>', 5, "in $nr places");
	}
	is(listing("$tracing/instances") =~ s/spbreplay-\d+ ?//gr, $instances =~ s/spbreplay-\d+ ?//gr,
		'no instance is left');
	is(join('', map { slurp("$tracing/$_") } qw(tracing_on set_event buffer_size_kb trace_clock)), $top,
		'the top-level buffer was not touched');
}

done_testing();
