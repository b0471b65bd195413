#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The captures that the project was developed with, which lie beside it: every file there is read to
# its last usable event, or refused with words that help. Counts are those of trace-cmd report 3.1.6;
# with SPB_CAPTURES set they are asked of trace-cmd again, which takes minutes.
use strict;
use warnings;
use File::Find;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use Spb;

my $dir = $ENV{SPB_CAPTURES} // "$FindBin::Bin/../../../shared/data";
plan(skip_all => 'no ../shared/data; SPB_CAPTURES names another folder with slab/, build/, formats/, foreign/')
	unless -d "$dir/formats";

my %covered = map { ($_ => 1) } 'README.md';
my @small = (mm_page_alloc => 11995, mm_page_alloc_zone_locked => 7182, mm_page_free => 11396);

# Read whole: events by kind, and what is skipped for having no kind here (kcompactd's sleep).
my @whole = (
	['slab/trace.dat', ['-s', "$dir/slab/before"], {
		mm_page_alloc => 631368, mm_page_alloc_extfrag => 12, mm_page_alloc_zone_locked => 50566,
		mm_page_free => 734554, mm_page_free_batched => 126200, mm_page_pcpu_drain => 169662 }, 55, 0],
	['build/trace.dat', ['-s', "$dir/build/before"], {
		mm_page_alloc => 763548, mm_page_alloc_zone_locked => 293210, mm_page_free => 721406,
		mm_page_free_batched => 694295, mm_page_pcpu_drain => 244923 }, 33, 0],
	['formats/small_v6.dat.zst', [], {@small}, 0, 0],
	['formats/small_v7.dat', [], {@small}, 0, 0],
	# By its text: grep counts. trace-cmd reads neither of these.
	['formats/trace_pipe.txt', [], {
		mm_page_alloc => 1257, mm_page_free => 1689, mm_page_pcpu_drain => 1183 }, 0, 31033],
	['formats/cpu1.raw', ['--format-dir', "$dir/formats/tracing"], {
		mm_page_alloc => 1588, mm_page_free => 1567, mm_page_pcpu_drain => 724 }, 0, 49521],
);
for my $case (@whole) {
	my ($name, $args, $want, $unknown, $lost) = @$case;
	my ($exit, $out, $err) = run('info', '--json', '-q', @$args, "$dir/$name");
	is($exit, 0, $name) or diag($err);
	my $j = decode_json($out);
	my %got = map { ($_ => $j->{events}{$_}) } grep { $j->{events}{$_} } keys %{$j->{events}};
	is_deeply(\%got, $want, "$name: events by kind");
	is("$j->{unknown_events} $j->{lost_events}", "$unknown $lost", "$name: skipped and lost");
	is($j->{demand}{odd}{outside_zone}, 0, "$name: all in the zones of its snapshot") if "@$args" =~ /-s/;
	$covered{$name} = 1;
}

# Refused, with what to do.
my @refused = (
	['formats/broken_v7.dat', [], qr/options, .* are missing, .* --salvage/],
	['formats/broken_v7.dat', ['--salvage'], qr/holds no CPU data .*broken_v7\.dat\.cpu0, .* --format-dir/],
	['foreign/arm64_v6_rtapp.dat.zst', [], qr/holds no page events .* - record them: /],
	['foreign/arm64_v6_sched_load.dat.zst', [], qr/holds no page events .* - record them: /],
	['foreign/report.txt.zst', [], qr/holds no page events \(2941 events of other kinds\) - record them: /],
);
for my $case (@refused) {
	my ($name, $args, $match) = @$case;
	fails(3, $match, 'info', '-q', @$args, "$dir/$name");
	$covered{$name} = 1;
}

# Snapshots: plain folders.
for my $name (map { ("$_/before", "$_/after") } qw(slab build)) {
	my ($exit, $out, $err) = run('info', '-q', '-s', "$dir/$name", "$dir/formats/small_v7.dat");
	is($exit, 0, $name) or diag($err);
	like($out, qr/^zones \(known\)\n  0\/DMA .*\n  0\/DMA32 .*\n  0\/Normal /m, "$name: zones");
}

# Nothing lies there that no test reads.
my @left;
find(sub {
	my $name = $File::Find::name =~ s/^\Q$dir\E\/?//r;
	push(@left, $name) if -f && !$covered{$name} &&
		$name !~ m{^(?:slab|build)/(?:before|after)/[a-z]+(?:\.zst)?$} && $name !~ m{^formats/tracing/};
}, $dir);
is("@left", '', 'every file has its test');

SKIP: {
	skip('trace-cmd is asked again only with SPB_CAPTURES', 4) unless $ENV{SPB_CAPTURES};
	skip('trace-cmd is not installed', 4) if system('command -v trace-cmd >/dev/null 2>&1');
	for my $case (@whole[0 .. 3]) {
		my ($name, undef, $want) = @$case;
		my $file = "$dir/$name";
		if ($name =~ /\.zst$/) {
			system('zstd', '-dqf', $file, '-o', tmp('unpacked')) == 0 or die('zstd');
			$file = tmp('unpacked');
		}
		my %theirs;
		open(my $report, '-|', "trace-cmd report '$file' 2>/dev/null") or die("trace-cmd: $!");
		while (<$report>) {
			$theirs{$1}++ if /: (mm_page_\w+): /;
		}
		close($report);
		is_deeply(\%theirs, $want, "$name: trace-cmd says so");
	}
}

done_testing();
