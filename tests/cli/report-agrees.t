#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# trace-cmd report is the independent reader: every event of a capture must have the same CPU,
# time, task and fields there as in our own reading, and every loss the same count.
use strict;
use warnings;
no warnings 'portable';	# 64-bit numbers
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

my $root = dirname(__FILE__) . '/../..';
my $tools = ($ENV{SPB_BUILD} // "$root/build") . '/tests/tools';
my $data = "$root/tests/data";
my $tmp = tempdir('spb-report-XXXXXX', TMPDIR => 1, CLEANUP => 1);

plan skip_all => 'trace-cmd is not installed'
	if system('command -v trace-cmd >/dev/null 2>&1');
BAIL_OUT("no tools in $tools") unless -x "$tools/dump_events" && -x "$tools/make_capture";
$ENV{LC_ALL} = 'C';

sub lines {
	my (@command) = @_;
	open(my $f, '-|', @command) or die "$command[0]: $!";
	my @lines = <$f>;
	close($f) or die "@command: exit $?";
	chomp @lines;
	return @lines;
}

# "pfn=0x12 name=" of trace-cmd to "pfn=18 name=": numbers in decimal.
sub fields {
	my ($text) = @_;
	$text =~ s/=0x([0-9a-f]+)/'=' . hex($1)/ge;
	# No page, -1UL, on a 32-bit kernel.
	$text =~ s/pfn=4294967295\b/'pfn=' . ~0/e;
	$text =~ s/\s+/ /g;
	$text =~ s/^ | $//g;
	return $text;
}

# Lines of `trace-cmd report -t -R` as dump_events prints them: [cpu, time, text] each.
sub reported {
	my ($capture, $instance) = @_;
	my (@events, %gap);
	for my $line (lines('sh', '-c', 'exec trace-cmd report -t -R "$0" 2>/dev/null', $capture)) {
		$line =~ s/^\Q$instance\E:// if length $instance;
		if ($line =~ /^\s*CPU:(\d+) \[(?:(\d+) )?EVENTS DROPPED\]/) {
			$gap{$1} = $2 // 0;
			next;
		}
		next if $line =~ /^(?:cpus=|$)/;
		$line =~ /^\s*(.*)-(\d+)\s+\[(\d+)\]\s+(\d+)\.(\d{9}):\s+(\w+):\s*(.*)$/
			or die "trace-cmd printed: $line";
		my ($comm, $pid, $cpu, $time, $event, $fields) =
			($1, $2, $3 + 0, $4 * 1000000000 + $5, $6, fields($7));
		# A mark is printed before the event that follows it and has no time of its own.
		push(@events, [$cpu, $time, 'LOST ' . delete $gap{$cpu}]) if exists $gap{$cpu};
		$comm = '' if $comm eq '<...>';
		$comm =~ tr/ /_/;
		push(@events, [$cpu, $time, "$pid $comm $event $fields"]);
	}
	return @events;
}

sub ours {
	my ($capture) = @_;
	my @events = map { [split(/ /, $_, 3)] } lines("$tools/dump_events", $capture);
	s/\s+$// for map { $_->[2] } @events;
	return @events;
}

# Per CPU the order is what was recorded; CPUs are merged by (time, cpu).
sub per_cpu {
	my %cpu;
	for my $event (@_) {
		# The time of a mark is the page's in one reader, the next event's in the other.
		my $time = $event->[2] =~ /^LOST/ ? '-' : $event->[1];
		push(@{$cpu{$event->[0]}}, "$time $event->[2]");
	}
	return \%cpu;
}

sub agrees {
	my ($name, $capture, $instance, $least) = @_;
	my @theirs = reported($capture, $instance);
	my @mine = ours($capture);
	cmp_ok(scalar @mine, '>=', $least, "$name: has events");
	my ($got, $want) = (per_cpu(@mine), per_cpu(@theirs));
	is_deeply([sort keys %$got], [sort keys %$want], "$name: CPUs");
	for my $cpu (sort { $a <=> $b } keys %$got) {
		my ($x, $y) = ($got->{$cpu}, $want->{$cpu} // []);
		is(scalar @$x, scalar @$y, "$name: number of events of CPU $cpu");
		my ($first) = grep { $x->[$_] ne ($y->[$_] // '') } 0 .. $#$x;
		ok(!defined $first, "$name: every event of CPU $cpu")
			or diag("event $first\n  ours   $x->[$first]\n  theirs ", $y->[$first] // '');
	}
	my ($wrong) = grep {
		$mine[$_][1] < $mine[$_ - 1][1] ||
			($mine[$_][1] == $mine[$_ - 1][1] && $mine[$_][0] < $mine[$_ - 1][0])
	} 1 .. $#mine;
	ok(!defined $wrong, "$name: merged by time and CPU");
}

system('zstd', '-dqf', "$data/small_v6.dat.zst", '-o', "$tmp/small_v6.dat") == 0 or die 'zstd';
agrees('small v6', "$tmp/small_v6.dat", 'hbcap2', 30573);
agrees('small v7', "$data/small_v7.dat", 'hbcap2', 30573);

# All kinds of events, as our own writer makes them.
for my $made ([6, 0, 0, 8, ''], [6, 0, 1, 4, 'inst'], [7, 0, 0, 8, 'inst'], [7, 1, 0, 8, ''],
	      [7, 1, 1, 4, 'inst']) {
	system("$tools/make_capture", "$tmp/made.dat", @$made) == 0 or die 'make_capture';
	agrees("made @$made", "$tmp/made.dat", $made->[4], 5000);
}

done_testing();
