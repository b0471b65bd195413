#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The documents: tables that README shows are what a run prints, every command line that they show
# has only commands and options that exist, and every file that they point at is there.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my $readme = slurp("$root/README.md");
my @docs = map { s{^\Q$root\E/}{}r } glob("$root/README.md $root/docs/*.md $root/examples/*.md");

# ---- README's tables, as the runs of examples/demo print them

my $demo = slurp("$root/examples/demo");
for my $case (['saturation', '0/Normal'], ['host', 'all']) {
	my ($name, $zone) = @$case;
	my ($line) = $demo =~ /^(\.\/spbreplay compare -i examples\/$name\/.*?)\s+-o /ms;
	my ($exit, $out, $err) = sh("cd '$root' && " . $line =~ s/\\(?:\n|\z)//gr =~ s/^\.\/spbreplay/"\$T"/r);
	is($exit, 0, "demo: $name") or diag($err);
	my ($table) = $out =~ /^(\Q$zone\E .*?more figures are the same everywhere: --full shows them\n)/ms;
	ok($table, 'prints a table');
	ok(index($readme, ($table // '?') =~ s/^/    /gmr) >= 0, "README shows the table of $name as it is")
		or diag($table);
}

# How many metrics a fleet is judged by.
my ($columns) = slurp("$root/docs/metrics.md") =~ /^## summary\.csv\n(.*?)^## /ms;
my $metrics = () = $columns =~ /^\| `(?!variant|zone)\w+` /mg;
like(slurp("$root/docs/fleet.md"), qr/With $metrics metrics at 95 %/, 'docs/fleet.md counts the metrics');

# ---- command lines

# Options of each command, and which take a value, out of its own help.
my (%options, %takes);
for my $cmd (map { /^  (\w+) / ? $1 : () } split(/\n/, (run('--help'))[1])) {
	next if $cmd eq 'help';
	for my $line (split(/\n/, (run('help', $cmd))[1])) {
		next unless $line =~ /^  (?:-(\w), | {4})--([\w-]+)( \S+)?/;
		for my $name (defined $1 ? ("-$1", "--$2") : "--$2") {
			$options{$cmd}{$name} = 1;
			$takes{$cmd}{$name} = defined $3;
		}
	}
}
cmp_ok(scalar keys %options, '>=', 16, 'all commands have help');

# What is wrong with the words after "spbreplay".
sub wrong {
	my ($cmd, @words) = @_;
	return '' if $cmd =~ /^--?(version|help|h)$/;
	return '' if $cmd eq 'help' && @words && ($options{$words[0]} || $words[0] =~ /^(metrics|man|completion|--)/);
	return '' if $cmd eq 'help' && !@words;
	return "no command $cmd" unless $options{$cmd};
	while (@words) {
		my $word = shift(@words);
		last if $word eq '--';
		next unless $word =~ /^-./;
		$word =~ s/=.*//;
		return "no option $word of $cmd" unless $options{$cmd}{$word};
		shift(@words) if $takes{$cmd}{$word};
	}
	return '';
}

for my $doc (@docs) {
	my $text = slurp("$root/$doc");
	my @lines;
	# In an indented or fenced block: up to a comment or a gap; in a sentence: all of the quote.
	push(@lines, $1 =~ s/\s{3,}.*|\s+#.*|\s*[|;&>].*//r)
		while $text =~ /^(?: {4}|\t)?(?:\.\/)?spbreplay ([a-z-].*)$/mg;
	push(@lines, $1) while $text =~ /`(?:\.\/)?spbreplay ([^`]+)`/g;
	my @wrong = grep { $_ } map { wrong(split(' ', $_)) } @lines;
	is("@wrong", '', "$doc: " . @lines . ' command lines');
}

# ---- places

for my $doc (@docs) {
	my $text = slurp("$root/$doc");
	my $dir = $doc =~ m{(.*/)} ? $1 : '';
	my @gone;
	while ($text =~ /\]\(([^)#:]+)(?:#[^)]*)?\)/g) {
		push(@gone, $1) unless -e "$root/$dir$1";
	}
	while ($text =~ m{`((?:model|replay|parsers|cmd|tests|bench|examples|docs)/[\w./*-]+)`}g) {
		my ($path) = glob("$root/$1");
		# A program is named as it is called; its source has an ending.
		push(@gone, $1) unless $path && (-e $path || -e "$path.c");
	}
	is("@gone", '', "$doc: what it points at is there");
}

done_testing();
