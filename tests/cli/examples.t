#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The examples: what is kept there is what the tool makes today, and the scenario tells its story.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my @arms = qw(spb-v1-none spb-v1-alloc spb-v1-fallthrough spb-v1-hotpath);
my @files = qw(chances.csv defrag.csv diff.csv divergence.csv passes.csv schema.json spb.csv spbmap.csv
	summary.csv taint.csv timeline.csv visits.csv lists.csv);

sub outcome_is_kept {
	my ($name, @variants) = @_;
	my $dir = "$root/examples/$name";
	my ($exit, $out, $err) = run('compare', '-q', '-i', "$dir/trace.dat", '-s', -d "$dir/before" ? "$dir/before" : "$dir/before.snap",
				     (map { ('-V', $_) } @variants), '--samples', 50, '-o', tmp($name));
	is($exit, 0, "$name: compare") or diag($err);
	for my $file (@files) {
		ok(slurp(tmp($name) . "/$file") eq slurp("$dir/outcome/$file"),
		   "$name: $file is as kept (examples/regenerate after a wanted change)");
	}
}

outcome_is_kept('saturation', @arms);
outcome_is_kept('host', 'vanilla', @arms[0, 3]);

# synth still makes the kept capture. Its SPB events may say more one day: page events count.
my $dump = ($ENV{SPB_BUILD} // "$root/build") . '/tests/tools/dump_events';
my ($kept, $made) = map {
	my ($exit, $out) = sh("'$dump' '$_' | grep -v ' spb_' | cksum");
	$out;
} "$root/examples/saturation/trace.dat", scene();
isnt($kept, (sh('cksum </dev/null'))[1], 'page events');
is($made, $kept, 'synth makes the kept capture');

# The kept log, and one made now, are the same file.
my ($exit, undef, $err) = run('parse', '-q', '-i', "$root/examples/host/trace.dat", '-o', tmp('h.spblog'));
is($exit, 0, 'parse') or diag($err);
ok(slurp(tmp('h.spblog')) eq slurp("$root/examples/host/trace.spblog"), 'host/trace.spblog is as kept');

# Who tainted what, and who woke the worker.
my $dir = tmp('saturation');
my %summary = map { $_->{variant} => $_ } csv("$dir/summary.csv");
my %taints;
push(@{ $taints{$_->{variant}} }, $_) for csv("$dir/taint.csv");
my %passes;
push(@{ $passes{$_->{variant}} }, $_) for csv("$dir/defrag.csv");

for my $arm (@arms) {
	my ($first, $late) = @{ $taints{$arm} };
	is("$first->{spb} $first->{cause} $first->{migratetype} $first->{comm}", '0 STEAL Unmovable net-slab',
	   "$arm: the first taint");
	my ($pass) = @{ $passes{$arm} };
	is("$pass->{trigger} $pass->{progress} $pass->{pages_migrated}", 'update 0 0',
	   "$arm: the first pass makes no progress");
}
for my $arm (@arms[0, 1]) {
	is(scalar @{ $passes{$arm} }, 1, "$arm: no other pass");
	my $late = $taints{$arm}[1];
	is("$late->{spb} $late->{cause} $late->{migratetype} $late->{comm}", '2 CLAIM Reclaimable dentry-load',
	   "$arm: the late load taints a fresh SPB");
	cmp_ok($summary{$arm}{stuck_ns_max}, '>', 8e9, "$arm: stuck to the end");
}
for my $arm (@arms[2, 3]) {
	is(scalar @{ $taints{$arm} }, 1, "$arm: the late load taints nothing");
	my $pass = $passes{$arm}[1];
	is("$pass->{spb} $pass->{trigger} $pass->{time_ns}", '0 fallthrough 1013000000000',
	   "$arm: trigger 2 asked at 13 s");
	cmp_ok($pass->{pages_migrated}, '>', 90000, "$arm: and made room");
	cmp_ok($summary{$arm}{stuck_ns_max}, '<', 6e9, "$arm: stuck until then");
	my ($where) = grep { $_->{kind} eq 'placement_category' && $_->{variant} eq $arm }
		csv("$dir/divergence.csv");
	is("$where->{comm}: $where->{baseline_did} | $where->{variant_did}",
	   'dentry-load: CLAIM in clean spb 2 | PASS_2C in tainted spb 0', "$arm: where it parts");
}

# A variant of one's own.
($exit, my $out, $err) = run('replay', '-q', '-i', "$root/examples/saturation/trace.dat",
			     '-V', "$root/examples/variants/short-cooldown.json", '-o', tmp('own'));
is($exit, 0, 'examples/variants/short-cooldown.json') or diag($err);
cmp_ok((csv(tmp('own') . '/summary.csv'))[0]{defrag_passes}, '>', $summary{'spb-v1-hotpath'}{defrag_passes},
       'a shorter cooldown makes more passes');

done_testing();
