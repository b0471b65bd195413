#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Damaged files through the real program, with little memory and little time: status 0, 2, 3 or 4,
# one line for each trouble, no files left. And bombs: small files that claim or unpack to much.
# The matrix for volume is test_matrix.c.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../cli";
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my $build = $ENV{SPB_BUILD} // "$root/build";
my $limit = $ENV{SPB_SANITIZED} ? '' : 'ulimit -v 1500000; ';
my %seen;

# Run one shell line with limits; count its status; ($exit, $stdout, $stderr).
sub limited {
	my ($line) = @_;
	my ($exit, $out, $err) = sh("${limit}exec timeout -s KILL 60 $line");
	$seen{$exit}++;
	return ($exit, $out, $err);
}

sub verdict {
	my ($name, $exit, $err, @allowed) = @_;
	my @wrong;
	push(@wrong, "exit $exit") unless grep { $_ == $exit } @allowed;
	push(@wrong, 'a line that is no message') if grep { !/^spbreplay: / } split(/\n/, $err);
	push(@wrong, 'no message') if $exit && $err eq '';
	return "@wrong";
}

# --- one small file of each kind, damaged in 24 ways; every command that reads it ---
my $make = "$build/tests/tools/make_capture";
my ($v6, $v7, $v7z) = map { tmp($_) } qw(a6.dat a7.dat a7z.dat);
system($make, $v6, 6, 0, 0, 8, '', 400) == 0 or BAIL_OUT($make);
system($make, $v7, 7, 0, 1, 8, 'inst', 400) == 0 or BAIL_OUT($make);
system($make, $v7z, 7, 1, 0, 8, '', 400) == 0 or BAIL_OUT($make);
my $log = tmp('a.spblog');
run('parse', '-q', '-i', $v6, '-o', $log);
my $text = spit(tmp('a.txt'), substr(slurp(data('trace_pipe.txt')), 0, 40000) =~ s/[^\n]*\z//r);
my $raw = spit(tmp('cpu1.raw'), substr(slurp(data('cpu1.raw')), 0, 16384));
my $json = spit(tmp('a.json'), (run('variants', 'spb-v1-hotpath'))[1]);
my $zones = slurp("$root/examples/host/before/zoneinfo");

my @subjects = (
	['v6', $v6, 'info %s', 'parse -q -f -o OUT %s', 'compare -q -i %s'],
	['v7', $v7, 'info %s', 'parse -q -f -o OUT %s', 'compare -q -i %s'],
	['v7 zstd', $v7z, 'info %s', 'parse -q -f -o OUT %s', 'compare -q -i %s'],
	['log', $log, 'info %s', 'cut -q -i %s -o OUT --cpu 0', 'compare -q -i %s'],
	['text', $text, 'info %s', 'parse -q -f -o OUT %s'],
	['raw', $raw, "info --format-dir $root/tests/data/tracing %s"],
	['variant', $json, 'variants %s', "compare -q -i $v6 -V %s"],
	['folder', undef, 'diff DIR', 'explain DIR --spb 0', 'report --text DIR', 'report -q DIR -o OUT',
		'export --gnuplot DIR -o OUT', 'export --perfetto DIR -o OUT'],
);

sub damages {
	my ($bytes) = @_;
	my $len = length($bytes);
	my @made;
	push(@made, substr($bytes, 0, int($len * $_ / 8))) for 0 .. 7;
	for my $i (1 .. 8) {
		my $flip = $bytes;
		substr($flip, int($len * $i / 9), 1) ^= chr(1 << $i % 8);
		push(@made, $flip);
		my $hole = $bytes;
		my $at = int($len * $i / 10);
		my $size = $len > 300 ? 64 : 4;
		substr($hole, $at, $size) = ($i & 1 ? "\0" : "\xff") x $size if $at + $size <= $len;
		push(@made, $hole);
	}
	return @made;
}

for my $s (@subjects) {
	my ($name, $from, @lines) = @$s;
	next unless $from;
	my @bad;
	my ($ext) = $from =~ m{([^/]+)\z};
	for my $bytes (damages(slurp($from))) {
		mkdir(tmp('d'));
		my $path = spit(tmp("d/$ext"), $bytes);
		for my $line (@lines) {
			my $cmd = sprintf($line =~ s/OUT/tmp('d\/out')/er, $path);
			my ($exit, undef, $err) = limited("\"\$T\" $cmd");
			my $why = verdict($name, $exit, $err, 0, $name eq 'variant' ? (2, 4) : $name eq 'text' ? (2, 3) : 3);
			push(@bad, "$cmd: $why: $err") if $why;
			push(@bad, "$cmd: left " . listing(tmp('d')))
				unless listing(tmp('d')) =~ /\A\Q$ext\E(?: out)?\z/;
			unlink(tmp('d/out'));
		}
		unlink($path);
	}
	is(join("\n", @bad), '', "$name: damaged in 24 ways");
}

# --- a folder of results, each of its files damaged ---
SKIP: {
	my @files = grep { !/spbmap/ } split(/ /, listing("$root/examples/saturation/outcome"));
	skip('no example results', 1) unless @files > 5;
	my @bad;
	my $dir = tmp('r');
	for my $file (@files) {
		my @variants = damages(slurp("$root/examples/saturation/outcome/$file"));
		for my $i (0, 3, 7, 9, 16) {
			system("rm -rf '$dir' && cp -r '$root/examples/saturation/outcome' '$dir'");
			spit("$dir/$file", $variants[$i]);
			for my $line (@{$subjects[-1]}[2 .. 5]) {
				my $cmd = $line =~ s/DIR/$dir/r =~ s/OUT/tmp('rout')/er;
				my ($exit, undef, $err) = limited("\"\$T\" $cmd");
				my $why = verdict($file, $exit, $err, 0, 1, 2, 3);
				push(@bad, "$file ($i), $cmd: $why: $err") if $why;
			}
		}
	}
	is(join("\n", @bad), '', scalar(@files) . ' files of a result folder, damaged in 5 ways each');
}

# --- bombs ---
sub packed {
	my ($name, $tool, $mib) = @_;
	my $path = tmp($name);
	system("(head -c 4096 '$v6'; head -c ${mib}M /dev/zero) | $tool >'$path'") == 0 or return undef;
	return $path;
}
SKIP: {
	my $bomb = packed('bomb.zst', 'zstd -q -19 -c', 600) or skip('no zstd', 2);
	my ($exit, undef, $err) = limited("\"\$T\" info '$bomb'");
	is($exit, 3, 'a file that unpacks to 600 MiB');
	like($err, qr/bomb\.zst: holds more than \d+ bytes when unpacked/, 'is not unpacked to the end');
}
{
	# A snapshot whose members claim 16 MiB each and hold zeros; kpageflags of 4 GiB of zeros.
	my $content = "spbsnap 1\n" . join('', map { "m$_ 16777216\n" . "\0" x 16777216 } 1 .. 3) . "end 0\n";
	my $path = tmp('bomb.snap');
	open(my $p, '|-', "zstd -qf --check -o '$path'");
	print $p $content;
	close($p);
	my ($exit, undef, $err) = limited("\"\$T\" info -s '$path' '$v6'");
	is($exit, 3, 'a snapshot of zeros');
	one_line($err, 'one line');
	mkdir(tmp('flags'));
	spit(tmp('flags/zoneinfo'), $zones);
	system("head -c 600M /dev/zero | zstd -q >'" . tmp('flags/kpageflags.zst') . "'");
	($exit, undef, $err) = limited("\"\$T\" info -s " . tmp('flags') . " '$v6'");
	ok($exit == 0 || $exit == 3, 'kpageflags that go on for ever: exit ' . $exit) or diag($err);
}
# Lengths that lie: each 4-byte word in the first KiB and around each zstd frame made huge.
{
	my $bytes = slurp($v7z);
	my @at = (10 .. 60);
	my $pos = 0;
	while (($pos = index($bytes, "\x28\xb5\x2f\xfd", $pos)) >= 0) {
		push(@at, map { $pos + $_ } -12 .. 8);
		$pos++;
	}
	my @bad;
	for my $at (grep { $_ > 0 && $_ % 3 == 0 && $_ + 4 < length($bytes) } @at) {
		my $copy = $bytes;
		substr($copy, $at, 4) = "\xff\xff\xff\x7f";
		my ($exit, undef, $err) = limited("\"\$T\" info '" . spit(tmp('huge.dat'), $copy) . "'");
		my $why = verdict('huge', $exit, $err, 0, 3);
		push(@bad, "at $at: $why: $err") if $why;
	}
	is(join("\n", @bad), '', 'huge words beside every compressed part');
}
# Numbers that no machine has, in each kind of input: sizes of pages and events, CPUs, nodes.
{
	my $v6_bytes = slurp($v6);
	my $v7_bytes = slurp($v7);
	my $raw_bytes = slurp($raw);
	my $line = (grep { /mm_page_free:/ } split(/(?<=\n)/, slurp($text)))[0];
	my $tracing = "$root/tests/data/tracing";
	my $with_snapshot = "info -s FILE $v6";
	# What to patch into which bytes, and where.
	my $patch = sub { my ($bytes, $at, $with) = @_; substr($bytes, $at, length($with)) = $with; $bytes };
	my @cases;
	for my $size (0, 1, 3, 4097, 1 << 30, 0xffffffff) {
		# header_page says it again, as the buffer of v7 does: nothing is lost, but it is told.
		push(@cases, ["v6, pages of $size", 'p6.dat', $patch->($v6_bytes, 14, pack('V', $size)), 'info FILE', 3]);
		push(@cases, ["v7, pages of $size", 'p7.dat', $patch->($v7_bytes, 14, pack('V', $size)), 'info FILE', 3]);
	}
	push(@cases, ["v$_->[0], words of $_->[1]", 'w.dat', $patch->($_->[0] == 6 ? $v6_bytes : $v7_bytes, 13, chr($_->[1])), 'info FILE', 3])
		for map { [6, $_], [7, $_] } 0, 3, 255;
	# Of a raw page: bytes used, and the length of its first record, which the word behind holds.
	push(@cases, ['raw, a page of ' . ($_ & 0xffffffff) . ' bytes', 'cpu1.raw', $patch->($raw_bytes, 8, pack('V', $_)), "info --format-dir $tracing FILE", 3])
		for 4081, 0xfffff, 0x7fffffff & ~(3 << 30);
	push(@cases, ["raw, a record of $_ bytes", 'cpu1.raw', $patch->($raw_bytes, 16, pack('VV', 0, $_)), "info --format-dir $tracing FILE", 3])
		for 0, 3, 5000, 0xffffffff;
	push(@cases, ["raw, of CPU $_", "cpu$_.raw", $raw_bytes, "info --format-dir $tracing FILE", 0, 2, 3])
		for 4096, 4294967296, '9' x 40;
	push(@cases, ["text, CPU $_", 't.txt', slurp($text) . ($line =~ s/\[\d+\]/[$_]/r), 'info FILE', 3])
		for 4294967296, '9' x 40;
	push(@cases, ["text, order $_", 't.txt', slurp($text) . ($line =~ s/order=\d+/order=$_/r), 'info FILE', 0, 3]) for 255, 4294967296, '9' x 40;
	push(@cases, ['text, a line of a megabyte', 't.txt', slurp($text) . ('x' x 1000000) . "\n" . $line, 'info FILE', 3]);
	mkdir(tmp("snap"));
	push(@cases, ["zoneinfo, $_->[0]", 'snap/zoneinfo', $zones =~ s/$_->[1]/$_->[2]/r, 'info -s ' . tmp('snap') . " $v6", @$_[3 .. $#$_]])
		for ['node 4294967295', qr/^Node 0/m, 'Node 4294967295', 3], ['a span of 2^64', qr/spanned +\d+/, 'spanned 18446744073709551615', 3],
		    ['a start at 2^64', qr/start_pfn: +\d+/, 'start_pfn: 18446744073709551615', 3], ['a name of a kilobyte', qr/zone +DMA/, 'zone ' . 'D' x 1024, 3];
	push(@cases, ['zoneinfo, 100,000 zones', 'snap/zoneinfo', $zones x 30000, 'info -s ' . tmp('snap') . " $v6", 3]);
	push(@cases, ["snapshot, a member of $_ bytes", 's.snap', "spbsnap 1\nzoneinfo $_\nx", $with_snapshot, 3]) for 4294967296, '9' x 40, -1;
	push(@cases, ["variant, $_", 'v.json', "{\"name\": \"x\", \"base\": \"spb-v2\", $_}", 'variants FILE', 2])
		for '"defrag_cooldown_ms": 1e300', '"defrag_cooldown_ms": 99999999999999999999999', '"worker_threads": -1';
	for my $c (@cases) {
		my ($name, $file, $bytes, $line_, @allowed) = @$c;
		my $path = spit(tmp($file), $bytes);
		system("zstd -qf --check '$path' -o '$path.z' && mv '$path.z' '$path'") if $file =~ /\.snap/;
		my ($exit, undef, $err) = limited('"$T" ' . $line_ =~ s/FILE/$path/r);
		is(verdict($name, $exit, $err, @allowed), '', "$name: exit $exit") or diag($err);
	}
}
# JSON that nests, numbers that overflow, names that go on for ever.
for my $case (['deep', '[' x 100000], ['object', '{"a":' x 50000], ['long', '{"name": "' . 'x' x 900000 . '"}'],
	      ['number', '{"name": "x", "hz": ' . '9' x 500000 . '}'], ['nul', "{\"name\": \"x\0y\"}"],
	      ['loop', '{"name": "x", "base": "loop.json"}']) {
	my ($name, $text) = @$case;
	my $path = spit(tmp("$name.json"), $text);
	my ($exit, undef, $err) = limited("\"\$T\" variants '$path'");
	ok(verdict($name, $exit, $err, 2, 3, 4) eq '', "JSON $name: exit $exit") or diag($err);
}

ok(!(grep { $_ > 4 } keys %seen), 'no crash, no kill, no bug: ' .
	join(', ', map { "$seen{$_} times $_" } sort { $a <=> $b } keys %seen)) ;
diag('runs by exit status: ' . join(', ', map { "$_: $seen{$_}" } sort { $a <=> $b } keys %seen));
done_testing();
