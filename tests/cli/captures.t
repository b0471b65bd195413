#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Every form in which a host's events come: trace.dat, raw pages, text in all dialects, packed,
# through a pipe, in several files. One capture is one log, whatever its form.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Compress::Zlib qw(compress);
use Spb;

my $here = "$FindBin::Bin/..";
my $dump = ($ENV{SPB_BUILD} // "$here/../build") . '/tests/tools/dump_events';
my $trace_cmd = !system('command -v trace-cmd >/dev/null 2>&1');

sub unpacked {
	my ($name) = @_;
	my $path = tmp($name);
	system('zstd', '-dqf', "$here/data/$name.zst", '-o', $path) == 0 or die "zstd $name";
	return $path;
}

# Events as [cpu, ns, rest]; the comm is left out, since raw pages have none.
sub events {
	my (@args) = @_;
	open(my $f, '-|', $dump, @args) or die $dump;
	my @events;
	while (<$f>) {
		chomp;
		my ($cpu, $time, @rest) = split(/ /);
		splice(@rest, 1, 1) if $rest[0] ne 'LOST';
		push(@events, [$cpu, $time, "@rest"]);
	}
	close($f) or die "$dump @args";
	return \@events;
}

sub same_log {
	my ($name, $got, $want, $slack) = @_;
	is(scalar @$got, scalar @$want, "$name: number of events");
	my ($wrong) = grep {
		my ($x, $y) = ($got->[$_], $want->[$_] // ['', 0, '']);
		$x->[0] ne $y->[0] || $x->[2] ne $y->[2] || abs($x->[1] - $y->[1]) > $slack
	} 0 .. $#$got;
	ok(!defined $wrong, "$name: every event") or
		diag("event $wrong: @{$got->[$wrong]} | @{$want->[$wrong] // ['none']}");
}

sub counts {
	my (@args) = @_;
	my ($exit, $out) = run('info', '--json', '-q', @args);
	my %n = ($out // '') =~ /"(mm_\w+|nr_events|lost_events)": (\d+)/g;
	return ($exit, \%n);
}

# --- one capture, four containers ---
my $v6 = data('small_v6.dat');
my $want = events($v6);
cmp_ok(scalar @$want, '==', 30573, 'the small capture');
same_log('v7 zstd', events(data('small_v7.dat')), $want, 0);

# Threads decode ahead and encode beside: the log is the same.
for my $name ('small_v6.dat', 'small_v7.dat') {
	my @logs = map {
		my $log = tmp("j$_.spblog");
		run('parse', '-q', '-j', $_, '-i', data($name), '-o', $log);
		slurp($log);
	} 1 .. 6, 16;
	cmp_ok(length($logs[0]), '>', 60000, "$name: a log");
	is_deeply([grep { $_ ne $logs[0] } @logs], [], "$name: one log with any number of threads");
}

# Damage, too: the same events before it, the same words.
{
	my $bytes = slurp(data('small_v7.dat'));
	substr($bytes, $_, 4) = "\xff" x 4 for 1200000, 1290000;	# a chunk of each CPU
	my $bad = spit(tmp('chunks.dat'), $bytes);
	my @seen = map {
		my $log = tmp('chunks.spblog');
		unlink($log);
		my ($e, $out, $err) = run('parse', '-q', '-j', $_, '-i', $bad, '-o', $log);
		[$e, $err, slurp($log)];
	} 1 .. 4, 8;
	is($seen[0][0], 3, 'two damaged chunks');
	like($seen[0][1], qr/CPU \d: a chunk /, 'are named');
	cmp_ok(length($seen[0][2] // ''), '>', 10000, 'what is before them is used');
	is_deeply($seen[$_], $seen[0], "with $_") for 1 .. $#seen;
}

# Raw pages of both CPUs and the formats, taken out of the v6 file.
my $bytes = slurp($v6);
my $formats = tmp('formats');
system('mkdir', '-p', "$formats/events/kmem");
{
	my $at = index($bytes, "header_page\0") + 12;
	spit("$formats/events/header_page", substr($bytes, $at + 8, unpack('Q<', substr($bytes, $at, 8))));
	while ($bytes =~ /(.{8})name: (mm_page_\w+)\n/gs) {
		system('mkdir', '-p', "$formats/events/kmem/$2");
		spit("$formats/events/kmem/$2/format", substr($bytes, $-[2] - 6, unpack('Q<', $1)));
	}
	my $table = rindex($bytes, "flyrecord\0") + 10;
	for my $cpu (0, 1) {
		my ($offset, $size) = unpack('Q<Q<', substr($bytes, $table + 16 * $cpu, 16));
		my $pages = substr($bytes, $offset, $size);
		my $half = int($size / 8192) * 4096;
		spit(tmp("cpu$cpu.raw"), $pages);
		spit(tmp("cpu$cpu.a"), substr($pages, 0, $half));
		spit(tmp("cpu$cpu.b"), substr($pages, $half));
	}
}
my @raw = ('-f', $formats, tmp('cpu0.raw'), tmp('cpu1.raw'));
same_log('raw', events(@raw), $want, 0);
same_log('raw in four pieces', events('-f', $formats, map { tmp($_) } qw(cpu1.b cpu0.a cpu1.a cpu0.b)),
	$want, 0);

# A v7 file without compression, its CPU data and event formats packed with zlib in place: Debian's
# trace-cmd cannot write such files.
sub to_zlib {
	my ($none) = @_;
	my $f = slurp($none);
	my $head = index($f, "none\0", 17);
	my $at = index($f, "\0", $head + 5) + 1 + 8;
	substr($f, $head, 4) = 'zlib';
	my $squeeze = sub { my $z = compress($_[0]); pack('VV', length($z), length($_[0])) . $z };
	while ($at + 16 <= length($f)) {
		my ($id, $flags, undef, $size) = unpack('vvVQ<', substr($f, $at, 16));
		my ($from, $to) = ($at + 16, $at + 16 + $size);
		if ($id == 18) {	# event formats
			my $z = $squeeze->(substr($f, $from, $size));
			substr($f, $from, length($z)) = $z;
			substr($f, $at + 2, 2) = pack('v', 1);
			substr($f, $at + 8, 8) = pack('Q<', length($z));
		}
		for (my $o = $from; $id == 0 && $o + 6 <= $to;) {
			my ($option, $len) = unpack('vV', substr($f, $o, 6));
			last if !$option;
			if ($option == 3) {	# a buffer
				my $b = substr($f, $o + 6, $len);
				my (undef, $name, $clock, undef, $cpus) = unpack('Q<Z*Z*VV', $b);
				my $table = $o + 6 + 8 + length($name) + 1 + length($clock) + 1 + 8;
				my $section = unpack('Q<', $b);
				substr($f, $section + 2, 2) = pack('v', 1) if $cpus;
				for my $i (0 .. $cpus - 1) {
					my ($cpu, $data, $bytes) = unpack('VQ<Q<', substr($f, $table + 20 * $i, 20));
					my @pages = unpack('(a40960)*', substr($f, $data, $bytes));
					my $chunks = pack('V', scalar @pages) . join('', map { $squeeze->($_) } @pages);
					substr($f, $data, length($chunks)) = $chunks;
					substr($f, $table + 20 * $i + 12, 8) = pack('Q<', length($chunks));
					substr($f, $section + 8, 8) = pack('Q<', $data + length($chunks) - $section - 16);
				}
			}
			$o += 6 + $len;
		}
		$at = $to;
	}
	return spit(tmp('zlib.dat'), $f);
}

my $text = tmp('report.txt');
SKIP: {
	skip('trace-cmd is not installed', 10) unless $trace_cmd;
	my $none = tmp('none.dat');
	system("trace-cmd convert -i '$v6' -o '$none' --file-version 7 --compression none >/dev/null 2>&1");
	same_log('v7 none', events($none), $want, 0);
	like((run('info', $none))[1], qr/trace\.dat v7 none/, 'is what it says');
	SKIP: {
		skip('built without zlib', 3) if system('pkg-config --exists zlib');
		same_log('v7 zlib', events(to_zlib($none)), $want, 0);
		like((run('info', tmp('zlib.dat')))[1], qr/trace\.dat v7 zlib/, 'is what it says');
	}
	system("trace-cmd report '$v6' >'$text' 2>/dev/null");
	same_log('text', events($text), $want, 1000);
	system("trace-cmd report -t '$v6' >'$text.ns' 2>/dev/null");
	same_log('text with ns', events("$text.ns"), $want, 0);
}

# --- cut in two and read as two files: the same outcome ---
sub outcome {
	my ($name, @input) = @_;
	my $dir = tmp("out-$name");
	my ($exit, $out, $err) = run('compare', '-q', '-o', $dir, @input);
	is($exit, 0, "compare $name") or diag($err);
	return slurp_all($name);
}

# All CSV files of an earlier outcome.
sub slurp_all { return slurp_all_of(tmp("out-$_[0]")) }

sub slurp_all_of {
	my ($dir) = @_;
	return join('', map { slurp("$dir/$_") // '' } grep { /csv$/ } split(/ /, listing($dir)));
}
{
	my $whole = outcome('whole', '-i', $v6);
	cmp_ok(length($whole), '>', 2000, 'the outcome has rows');
	outcome('raw', '--format-dir', $formats, '-i', tmp('cpu0.raw'), '-i', tmp('cpu1.raw'));
	is(slurp(tmp('out-raw/summary.csv')), slurp(tmp('out-whole/summary.csv')),
		'raw pages: the same summary');
	my @parts = map { ('-i', tmp($_)) } qw(cpu0.b cpu0.a cpu1.a cpu1.b);
	is(outcome('parts', '--format-dir', $formats, @parts),
		outcome('raws', '--format-dir', $formats, '-i', tmp('cpu0.raw'), '-i', tmp('cpu1.raw')),
		'pages cut in two: the same outcome');
	SKIP: {
		skip('trace-cmd is not installed', 2) unless -s $text;
		my @lines = split(/^/, slurp($text));
		spit(tmp('1.txt'), join('', @lines[0 .. 15000]));
		spit(tmp('2.txt'), join('', @lines[15001 .. $#lines]));
		is(outcome('halves', '-i', tmp('2.txt'), '-i', tmp('1.txt')),
			outcome('text', '-i', $text), 'text cut in two: the same outcome');
	}
}
fails(2, qr/holds the same bytes as/, 'info', $v6, spit(tmp('again.dat'), $bytes));
fails(2, qr/is text, unlike/, 'info', $v6, unpacked('trace_pipe.txt'));
fails(3, qr/--format-dir/, 'info', tmp('cpu0.raw'));
fails(4, qr/no events\/header_page/, 'info', '--format-dir', tmp(''), tmp('cpu0.raw'));

# --- hosts with other pages: the size is told, and what it means for blocks; x86-64 has only one ---
my $maker = $dump =~ s/dump_events\z/make_capture/r;
sub made {
	my ($size) = @_;
	my $path = tmp("x86.$size.dat");
	system($maker, $path, 6, 0, 0, 8, '', 5000, $size) == 0 or die $maker;
	return $path;
}
my $of_pages = events(made(4096));
for my $case ([16384, 16, 11], [65536, 14, 13]) {
	my ($size, $order, $block) = @$case;
	my $path = made($size);
	unlike((run('compare', '-i', $path))[2], qr/pages of/, 'not on x86-64');
	$path = spit(tmp("pages$size.dat"), slurp($path) =~ s/x86_64/arm64 /gr);
	same_log("pages of $size bytes", events($path), $of_pages, 0);
	like((run('info', $path))[1], qr/^page size +$size bytes$/m, 'info tells the size');
	my ($e, $out, $err) = run('compare', '-i', $path, '-o', tmp("out$size"), '--check-every', 5000);
	is($e, 0, 'compare');
	my $kib = $size / 1024;
	like($err, qr/pages of $kib KiB: pageblocks of order $block, buddies up to order $block, superpageblocks of order $order$/m, 'says so');
	like(slurp(tmp("out$size/run.json")), qr/"spb_order": $order,\s+"pageblock_order": $block,/, 'and run.json, too');
}

# --- text: trace_pipe with losses, packed, through a pipe ---
my $pipe = tmp('trace_pipe.txt');
my ($exit, $n) = counts($pipe);
is($exit, 0, 'trace_pipe');
my %own;
for (split(/\n/, slurp($pipe))) {
	$own{$1}++ if /: (mm_page_\w+): /;
	$own{lost} += $1 if /LOST (\d+) EVENTS/;
}
is($n->{$_}, $own{$_}, "trace_pipe: $_") for grep { /mm_/ } keys %own;
{
	my (undef, $out) = run('info', $pipe);
	like($out, qr/lost events\s+$own{lost}  exact/, 'trace_pipe: losses');
}
for my $tool (qw(gzip xz zstd bzip2)) {
	SKIP: {
		skip("$tool is not installed", 2) if system("command -v $tool >/dev/null 2>&1");
		system("$tool -c '$pipe' >'$pipe.$tool' 2>/dev/null");
		my ($e, $m) = counts("$pipe.$tool");
		is($e, 0, "$tool");
		is_deeply($m, $n, "$tool: the same counts");
	}
}
{
	my ($e, $out) = sh("\"\$T\" info --json - <'$pipe'");
	is($e, 0, 'standard input');
	like($out, qr/"mm_page_free": $own{mm_page_free}\b/, 'the same counts');
	($e) = counts(spit(tmp('cut.gz'), substr(slurp("$pipe.gzip") // '', 0, 20000)));
	is($e, 3, 'a packed file that is cut off is used and named');
}

# --- dialects ---
sub dialect {
	my ($name, $line, @event) = @_;
	my ($x) = @{events(spit(tmp('line.txt'), "$line\n"))};
	is_deeply($x, \@event, $name);
}
my $f = 'pfn=291 order=3';
dialect('trace', "            bash-28273   [001] d..1. 12.000345: mm_page_free: page=00000 $f",
	1, 12000345000, "28273 mm_page_free $f");
dialect('blanks and brackets in the comm', "  a -b [x] c-7 [002] .N.. 1.5: mm_page_free: page=1 $f",
	2, 1500000000, "7 mm_page_free $f");
dialect('tgid', " <...>-99 (   98) [000] .... 1.000001: mm_page_free: page=1 $f",
	0, 1000001000, "99 mm_page_free $f");
dialect('perf', "kworker/0:1  99/101 [003]  1.000001:  kmem:mm_page_free: page=0x1 pfn=0x123 order=3",
	3, 1000001000, "101 mm_page_free $f");
dialect('function graph', " 7.000001 |   2)    sh-31   |               |  /* mm_page_free: page=1 $f */",
	2, 7000001000, "31 mm_page_free $f");
dialect('vendor fields', " sh-1 [000] .... 1.0: mm_page_pcpu_drain: nr_free=3650 page=1 pfn=5 order=2 migratetype=1 x=y",
	0, 1000000000, '1 mm_page_pcpu_drain pfn=5 order=2 migratetype=1');
dialect('no percpu_refill', " sh-1 [000] .... 1.0: mm_page_alloc_zone_locked: page=1 pfn=5 order=2 migratetype=1",
	0, 1000000000, '1 mm_page_alloc_zone_locked pfn=5 order=2 migratetype=1 percpu_refill=0');
dialect('a failed allocation', " sh-1 [000] .... 1.0: mm_page_alloc: page=(nil) pfn=0x0 order=9 migratetype=1 gfp_flags=GFP_NOWAIT",
	0, 1000000000, '1 mm_page_alloc pfn=18446744073709551615 order=9 gfp_flags=10240 migratetype=1');
dialect('an SPB event', " sh-1 [000] .... 1.0: spb_alloc_fall_through: zone=Normal order=3 mt=0 alloc_flags=0x2000 n_tainted=4 n_tainted_with_buddy=2 walk=[fp=1 fpb=0 below=1]",
	0, 1000000000, '1 spb_alloc_fall_through name=Normal order=3 migratetype=0 alloc_flags=8192 n_tainted=4 n_tainted_with_buddy=2 saw_free_pages=1 saw_free_pb=0 saw_below_reserve=1');
# Compaction and migration: ranges, words and a comma, as Linux 6.18 prints them.
dialect('a range of pages', " sh-1 [000] .... 1.0: mm_compaction_isolate_freepages: range=(0x200 ~ 0x400) nr_scanned=512 nr_taken=7",
	0, 1000000000, '1 mm_compaction_isolate_freepages start_pfn=512 end_pfn=1024 nr_scanned=512 nr_taken=7');
dialect('the begin of a compaction', " sh-1 [000] .... 1.0: mm_compaction_begin: zone_start=0x1 migrate_pfn=0x2 free_pfn=0xe00 zone_end=0x1000, mode=sync",
	0, 1000000000, '1 mm_compaction_begin zone_start=1 migrate_pfn=2 free_pfn=3584 zone_end=4096 sync=1');
dialect('its end', " sh-1 [000] .... 1.0: mm_compaction_end: zone_start=0x1 migrate_pfn=0x2 free_pfn=0xe00 zone_end=0x1000, mode=async status=partial_skipped",
	0, 1000000000, '1 mm_compaction_end zone_start=1 migrate_pfn=2 free_pfn=3584 zone_end=4096 sync=0 status=6');
dialect('a migration', " sh-1 [000] .... 1.0: mm_migrate_pages: nr_succeeded=5 nr_failed=1 nr_thp_succeeded=0 nr_thp_failed=0 nr_thp_split=2 nr_split=3 mode=MIGRATE_SYNC_LIGHT reason=numa_misplaced",
	0, 1000000000, '1 mm_migrate_pages succeeded=5 failed=1 thp_succeeded=0 thp_failed=0 thp_split=2 mode=1 reason=5');
dialect('of an old kernel', " sh-1 [000] .... 1.0: mm_compaction_isolate_freepages: nr_scanned=32 nr_taken=7",
	0, 1000000000, '1 mm_compaction_isolate_freepages start_pfn=18446744073709551615 end_pfn=0 nr_scanned=32 nr_taken=7');
# A page that compaction moves: the same demand from the capture, read ahead, and from its log.
{
	my $at = 0;
	my $line = sub { sprintf(" kcompactd0-%d [000] .... 1.%06d: %s\n", $_[0], ++$at, $_[1]) };
	my $page = 'page=1 pfn=0x%x order=0';
	my $range = 'range=(0x%x ~ 0x%x) nr_scanned=512 nr_taken=2';
	my $text = $line->(7, sprintf("mm_page_alloc_zone_locked: $page migratetype=1", 0x100400)) .
		$line->(9, 'mm_compaction_begin: zone_start=0x100000 migrate_pfn=0x100400 free_pfn=0x140000 zone_end=0x140000, mode=sync') .
		$line->(9, sprintf("mm_compaction_isolate_migratepages: $range", 0x100400, 0x100600)) .
		$line->(9, 'mm_migrate_pages_start: mode=MIGRATE_SYNC reason=compaction') .
		$line->(9, sprintf("mm_compaction_isolate_freepages: $range", 0x13fe00, 0x140000)) .
		$line->(9, sprintf("mm_page_free: $page", 0x100400)) .
		$line->(9, 'mm_migrate_pages: nr_succeeded=1 nr_failed=0 nr_thp_succeeded=0 nr_thp_failed=0 nr_thp_split=0 nr_split=0 mode=MIGRATE_SYNC reason=compaction') .
		$line->(9, 'mm_compaction_migratepages: nr_migrated=1 nr_failed=0') .
		$line->(9, sprintf("mm_page_free: $page", 0x13fe01)) .
		$line->(9, 'mm_compaction_end: zone_start=0x100000 migrate_pfn=0x100600 free_pfn=0x13fe00 zone_end=0x140000, mode=sync status=success') .
		$line->(7, sprintf("mm_page_pcpu_drain: $page migratetype=1", 0x100400)) .
		$line->(7, sprintf("mm_page_pcpu_drain: $page migratetype=1", 0x13fe01)) .
		$line->(7, sprintf("mm_page_pcpu_drain: $page migratetype=1", 0x13fe00));
	my $path = spit(tmp('moved.txt'), $text);
	run('parse', '-q', '-i', $path, '-o', tmp('moved.spblog'));
	my @json = map {
		my $out = tmp('moved' . ($_ =~ /txt$/ ? '-text' : '-log'));
		is((run('replay', '-q', '-V', 'vanilla', '-i', $_, '-o', $out))[0], 0, 'a move');
		join(' ', slurp("$out/run.json") =~ /"((?:compaction|moved|migration|isolated|orphan)_\w+": [1-9])/g)
	} $path, tmp('moved.spblog');
	is($json[0], 'compaction_move": 1 moved_free": 1 compaction_return": 1', 'moved, freed where it went, one given back');
	is($json[1], $json[0], 'from its log the same');
	is(slurp_all_of(tmp('moved-text')), slurp_all_of(tmp('moved-log')), 'and the same outcome');
}
{
	my $good = " sh-1 [000] .... 1.0: mm_page_free: page=1 $f\n";
	my ($e, $out, $err) = run('info', '--json',
		spit(tmp('wrong.txt'), "# tracer: nop\n$good" . "garbage\n$good sh-1 [000] .... 2.0: mm_page_free: page=1\n"));
	is($e, 3, 'wrong lines');
	like($err, qr/: 2 lines cannot be read \(line 3: "garbage", 5: " sh-1/, 'are counted and shown');
	like($out, qr/"mm_page_free": 2\b/, 'the others are used');
}

# --- cut and --cpu ---
{
	my $part = tmp('part.spblog');
	is((run('cut', '-q', '-i', $v6, '--cpu', '1', '-w', '25%~75%', '-o', $part))[0], 0, 'cut');
	my ($from, $to) = ($want->[0][1], $want->[-1][1]);
	my ($t0, $t1) = map { $from + int(($to - $from) * $_ / 4) } 1, 3;
	my $inside = grep { $_->[0] == 1 && $_->[1] >= $t0 && $_->[1] < $t1 } @$want;
	my ($e, $m) = counts($part);
	is($m->{nr_events}, $inside, 'cut: the events of the part');
	my $all = tmp('all.spblog');
	run('parse', '-q', '-i', $v6, '-o', $all);
	my $of_cpu = grep { $_->[0] == 1 } @$want;
	is((counts('--cpu', '1', $_))[1]{nr_events}, $of_cpu, "--cpu 1 of $_") for $v6, $all;
	is((counts('--cpu', '1', $pipe))[0], 0, '--cpu of text');
	fails(2, qr/CPU list '1-' cannot be read/, 'info', '--cpu', '1-', $v6);
	fails(2, qr/nothing to cut by/, 'cut', '-i', $v6, '-o', $part);
	fails(2, qr/give a snapshot/, 'cut', '-i', $v6, '-o', $part, '--zone', '0/Normal');
}

# --- several logs of one host: in time, by CPU, from captures of their own ---
{
	my $all = tmp('all.spblog');
	my @cut = map { tmp("part$_.spblog") } 0 .. 3;
	run('cut', '-q', '-i', $all, '-w', $_->[0], '-o', $_->[1])
		for ['~30%', $cut[0]], ['30%~70%', $cut[1]], ['70%~', $cut[2]];
	my $whole = outcome('log', '-i', $all);
	is(outcome('log-parts', map { ('-i', $_) } @cut[2, 0, 1]), $whole, 'a log cut in three: the same outcome');
	my $joined = tmp('joined.spblog');
	is((run('cut', '-q', (map { ('-i', $_) } @cut[0 .. 2]), '-o', $joined))[0], 0, 'cut joins logs');
	same_log('joined', events($joined), $want, 0);
	my ($e, $m) = counts($joined);
	is_deeply($m, (counts($all))[1], 'joined: the same counts');
	my $say = sub { join('', grep { /^(capture size|causality|frees with|CPUs|made from)/ } map { s/^ +//r }
		split(/^/, (run('info', $_[0]))[1])) };
	is($say->($joined), $say->($all), 'joined: the same capture and quality');
	run('cut', '-q', '-i', $all, '--cpu', $_, '-o', $cut[$_]) for 0, 1;
	is(outcome('log-cpus', '-i', $cut[1], '-i', $cut[0]), $whole, 'logs of single CPUs: the same outcome');
	# Logs of captures that were rotated: pages of one CPU each.
	run('parse', '-q', '--format-dir', $formats, '-i', tmp("cpu$_.raw"), '-o', $cut[$_]) for 0, 1;
	is(outcome('log-raw', '-i', $cut[0], '-i', $cut[1]), slurp_all('raws'), 'logs of captures of single CPUs, too');
	like((run('info', @cut[0, 1]))[1], qr/^made from +cpu0\.raw and 1 more$/m, 'and it says from what');
	# Losses add up, damage stays.
	system('zstd', '-dqf', "$here/data/cpu1.raw.zst", '-o', tmp('gaps.raw')) == 0 or die('zstd');
	run('parse', '-q', '--format-dir', "$here/data/tracing", '-i', tmp('gaps.raw'), '-o', tmp('lost.spblog'));
	run('cut', '-q', '-i', tmp('lost.spblog'), '-w', $_->[0], '-o', $_->[1]) for ['~50%', $cut[2]], ['50%~', $cut[3]];
	my ($sum) = (run('info', @cut[2, 3]))[1] =~ /lost events +(\d+)/;
	is($sum, 49521, 'losses of both');
	my $torn = spit(tmp('torn.spblog'), substr(slurp($cut[3]), 0, 0.6 * -s $cut[3]));
	($e, my $out) = run('info', '--json', $cut[2], $torn);
	is($e, 3, 'one of them is torn');
	like($out, qr/"partial": true/, 'so the whole is partial');
	fails(3, qr/torn\.spblog: /, 'info', '--strict', $cut[2], $torn);
	# What cannot be one.
	fails(2, qr/captures and event logs cannot be read together/, 'info', $all, $v6);
	fails(2, qr/captures and event logs cannot be read together/, 'info', $v6, $all);
	fails(2, qr/holds an event at .* that .*all\.spblog holds, too/, 'info', $all, $all);
	run('cut', '-q', '-i', $all, '-w', '20%~60%', '-o', $cut[3]);
	fails(2, qr/holds an event at .*, too/, 'info', $all, $cut[3]);
	fails(2, qr/its host is "|its kernel is "/, 'info', $all, "$here/../examples/host/trace.spblog");
	run('cut', '-q', '--anonymize', '-i', $all, '-w', $_->[0], '-o', $_->[1]) for ['~50%', $cut[2]], ['50%~', $cut[3]];
	fails(2, qr/was made anonymous/, 'info', @cut[2, 3]);
}

# --- the index is gone: the recording ended early, or the file is damaged ---
{
	my $v7 = slurp(data('small_v7.dat'));
	my (undef, $whole) = counts(data('small_v7.dat'));
	my $index = index($v7, "zstd\0", 17);
	$index = index($v7, "\0", $index + 5) + 1;	# offset of the first options
	my $options = unpack('Q<', substr($v7, $index, 8));

	# What a trace-cmd that was killed leaves: metadata, and the pages in files of their own.
	my $early = substr($v7, 0, 1137699);
	substr($early, $index, 8) = "\0" x 8;
	my $broken = spit(tmp('broken.dat'), $early);
	fails(3, qr/options, .* are missing.*--salvage/, 'info', $broken);
	fails(3, qr/holds no CPU data .*broken\.dat\.cpu0.*--format-dir/, 'info', '--salvage', $broken);
	spit("$broken.cpu$_", slurp(tmp("cpu$_.raw"))) for 0, 1;
	same_log('pages left beside it', events('-f', $broken, "$broken.cpu0", "$broken.cpu1"), $want, 0);

	# No options and no head of the CPU data; then without the head of the first section, too.
	my $gone = $v7;
	substr($gone, $index, 8) = "\0" x 8;
	substr($gone, $_, 16) = "\0" x 16 for $options, 1152867;
	fails(3, qr/--salvage/, 'info', spit(tmp('gone.dat'), $gone));
	for my $how ('no index', 'no first section either') {
		my ($e, $m) = counts('--salvage', spit(tmp('gone.dat'), $gone));
		is($e, 3, "$how: is damage");
		is_deeply($m, $whole, "$how: but all events are found");
		like((run('info', '--salvage', tmp('gone.dat')))[2], qr/found by scanning/, 'and it says how');
		substr($gone, 37, 16) = "\0" x 16;
	}
	# Wherever a capture goes in. CPUs are numbered anew, so only sums are the same.
	my $bad = tmp('gone.dat');
	my @ways = (['compare', '--json', '-V', 'vanilla', '-V', 'spb-v1-none'],
		['replay', '--json', '-V', 'vanilla'], ['check', '-V', 'vanilla']);
	for my $way (@ways) {
		fails(3, qr/--salvage/, @$way, '-q', '-i', $bad);
		my ($e, $out) = run(@$way, '-q', '-i', $bad, '--salvage');
		is($e, 3, "$way->[0] --salvage");
		my ($n) = (run(@$way, '-q', '-i', data('small_v7.dat')))[1] =~ /("allocs": \d+|[\d,]+ operations)/;
		like($out, qr/\Q$n\E/, "uses all events: $n");
	}
	my $list = spit(tmp('gone.csv'), "capture\n$bad\n");
	like((run('batch', '-q', '-V', 'vanilla', '-o', tmp('gone-out'), $list))[2], qr/failed/,
		'batch without --salvage');
	run('batch', '-q', '-V', 'vanilla', '--salvage', '-o', tmp('gone-out'), $list);
	run('merge', '-o', tmp('gone-fleet'), tmp('gone-out'));
	like(slurp(tmp('gone-fleet/merged.csv')), qr/ salvage,.*,partial,3,.*found by scanning.*,23383,/,
		'batch --salvage: all operations, and the option is kept');
	SKIP: {
		skip('trace-cmd is not installed', 2) unless -s tmp('none.dat');
		my $plain = slurp(tmp('none.dat'));
		my $at = index($plain, "none\0", 17);
		substr($plain, index($plain, "\0", $at + 5) + 1, 8) = "\0" x 8;
		my ($e, $m) = counts('--salvage', spit(tmp('gone.dat'), $plain));
		is($e, 3, 'plain pages, no index');
		is_deeply($m, $whole, 'all events are found');
	}
}

# --- files that others recorded ---
{
	my $raw = unpacked('cpu1.raw');
	my ($e, $out, $err) = run('info', '--format-dir', "$here/data/tracing", $raw);
	is($e, 0, 'raw pages') or diag($err);
	like($out, qr/lost events\s+49521  at least/, 'with losses');
	like($out, qr/mm_page_pcpu_drain\s+724 .*\n\s+mm_page_free\s+1567 .*\n\s+mm_page_alloc\s+1588 /, 'events');
	# A lone CPU: nobody worked in its gaps, but what stands beside them and behind is uncertain.
	like($out, qr/^  operations_in_gaps +0 .*\n  operations_beside_gaps +517 .*\n  operations_unexplained +1041 /m,
		'how far they reach');
	fails(3, qr/holds no page events \(2941 events of other kinds\)/, 'info', "$here/data/report.txt.zst");
	# arm64 phones with old kernels, no page events; the first has no clock and no options.
	for my $name ('arm64_v6_sched_load', 'arm64_v6_rtapp') {
		fails(3, qr/$name.*: holds no page events .* - record them: /, 'info',
			"$here/data/$name.dat.zst");
	}
}

done_testing();
