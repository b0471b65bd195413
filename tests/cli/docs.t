#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The documents: tables that README shows are what a run prints, every command line that they show
# has only commands and options that exist, and every file, name, option and make target that they
# mention is there. So is every document that sources mention.
use strict;
use warnings;
use File::Find;
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

# ---- names

# All words of the sources, and all names of files.
my (%word, %file, %sources);
find({ no_chdir => 1, wanted => sub {
	my $name = $File::Find::name =~ s{^\Q$root\E/}{}r;
	return $File::Find::prune = 1
		if $name =~ m{^(?:build|out|docs|\.git|tests/data|tests/fuzz/corpus|examples/\w+/outcome)$};
	return unless -f && $name !~ /\.md$/;
	$file{$name =~ s{.*/}{}r} = 1;
	return if $name =~ /\.(?:dat|spblog|snap|zst)$/ || -B;
	$sources{$name} = slurp($_);
	$word{$_} = 1 for $sources{$name} =~ /[A-Za-z_]\w*/g;
} }, $root);
$word{$_} = 1 for map { s/\..*//r } keys %file;
cmp_ok(scalar keys %sources, '>=', 300, 'sources');

my %all_options = map { map { $_ => 1 } keys %$_ } values %options;
my %targets = map { $_ => 1 } slurp("$root/Makefile") =~ /^([a-z][\w-]*):/mg;
# Names of other programs, and ends of names that stand behind their first part.
my %foreign = map { $_ => 1 } qw(compact_isolated rec2.sh _MIN _STEP _isolate_migratepages
	_isolate_freepages _fast_isolate_freepages _migratepages _fini);

sub unknown {
	my ($quote) = @_;
	return '' if $foreign{$quote};
	return "no file $quote" if $quote =~ /^[\w-]+\.(?:[cht]|js|sh|pm|yaml|suppress)$/ && !$file{$quote};
	return "no $quote in the sources" if $quote =~ /^(\w+)\(\)$/ && !$word{$1};
	return "no $quote in the sources" if $quote =~ /^\w*_\w*$/ && !$word{$quote};
	return "no option $1" if $quote =~ /^(--[a-z][\w-]*)(?:[ =]|$)/ && !$all_options{$1};
	return "no make $1" if $quote =~ /\bmake ([a-z][\w-]*)/ && !$targets{$1};
	# A program is called where it is built, a script where it stands.
	return "no program $1" if $quote =~ m{^(?:[A-Z_]+=\S+ )*((?:bench|tests|examples)/[\w/.-]+) } && !-x "$root/$1";
	return "no source of $1" if $quote =~ m{\b(build/((?:bench|tests|examples)/[\w/-]+))} &&
		!-e "$root/$2.c" && !-d "$root/$2";
	return '';
}

for my $doc (@docs) {
	my $text = slurp("$root/$doc");
	my @quotes = $text =~ /`([^`\n]+)`/g;
	push(@quotes, $text =~ /^ {4}(\S.*?)(?: {2,}.*)?$/mg);
	my %wrong = map { $_ => 1 } grep { $_ } map { unknown($_) } @quotes;
	is(join('; ', sort keys %wrong), '', "$doc: names of functions, files, options and targets");
}

# Sources name documents, and sections of the log's format, that exist.
my %heading = map { $_ => 1 } slurp("$root/docs/log-format.md") =~ /^##+ (\d[\d.]*\d|\d)/mg;
my @gone;
for my $name (sort keys %sources) {
	while ($sources{$name} =~ m{\b(docs/[\w-]+\.md)(?:[,)\s*]+sections? ([\d.]*\d))?}g) {
		push(@gone, "$name: $1") unless -e "$root/$1";
		push(@gone, "$name: $1, section $2") if $1 eq 'docs/log-format.md' && defined $2 && !$heading{$2};
	}
	push(@gone, "$name: the design is no document here") if $sources{$name} =~ /\bdesign,?\s+(?:\*\s+)?section \d/i &&
		$name !~ m{/docs\.t$};
}
is(join("\n", @gone), '', 'documents that sources name are there');

done_testing();
