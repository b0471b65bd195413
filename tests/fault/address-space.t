#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Limits on the address space, from too little to load the program to enough: a result, or status 4
# and one message; never a signal, no file that is not whole.
# SPB_LIMITS=N: so many limits a command.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../cli";
use Test::More;
use Spb;

plan(skip_all => 'sanitizers take all the address space there is') if $ENV{SPB_SANITIZED};

my ($least, $enough, $steps) = (2_500, 300_000, $ENV{SPB_LIMITS} // 40);	# KiB
my $dat = data('small_v7.dat');
my $ready = tmp('ready');
is((run('compare', '-q', '-i', $dat, '-o', $ready))[0], 0, 'results to report on');

# What is wrong with an end like this, '' for nothing.
sub judge {
	my ($exit, $out, $err, $want) = @_;
	my @errors = grep { !/^spbreplay: warning: / } split(/(?<=\n)/, $err);
	my $left = listing(tmp('w'));
	return '' if $exit == 127 && $err =~ /error while loading shared libraries/;
	return $out eq $want->[0] && $left eq $want->[1] ? '' : 'another result' if $exit == 0;
	return "exit $exit: $err" unless $exit == 4 && @errors == 1 && $errors[0] =~ /^spbreplay: .*\n\z/;
	return $left eq '' ? '' : "left behind: $left";
}

for my $args (['parse', '-q', '-i', $dat, '-o', tmp('w/a.spblog')],
	      ['compare', '-q', '-i', $dat, '-o', tmp('w/out')],
	      ['info', '--json', $dat],
	      ['report', '-q', $ready, '-o', tmp('w/a.html')]) {
	my ($name, @bad, %ends) = $args->[0];
	mkdir(tmp('w'));
	my @want = ((run(@$args))[1], listing(tmp('w')));
	system('rm', '-rf', glob(tmp('w/*')));
	for my $i (reverse 0 .. $steps) {
		my $limit = int($least * ($enough / $least) ** ($i / $steps));
		my ($exit, $out, $err) = sh("ulimit -v $limit; exec \"\$T\" " . join(' ', map { "'$_'" } @$args));
		my $why = judge($exit, $out, $err, \@want);
		push(@bad, "$limit KiB: $why") if $why;
		$ends{$exit}++;
		system('rm', '-rf', glob(tmp('w/*') . ' ' . tmp('w/.[0-9a-z]*')));
	}
	is(join("\n", @bad), '', "$name: " . join(', ', map { "$ends{$_} times status $_" } sort keys %ends));
	ok($ends{0} && $ends{4}, 'both ends were seen');
	system('rm', '-rf', tmp('w'));
}
done_testing();
