#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Manual pages and completions have every command and every option, and their examples work.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Copy qw(copy);
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my @commands = split(/\n/, (run('help', '--commands'))[1]);
cmp_ok(scalar @commands, '>=', 7, 'commands');
my (undef, $list) = run('help');
like($list, qr/^  \Q$_\E /m, "help lists $_") for @commands;

my (undef, $bash) = run('help', '--bash-completion');
my (undef, $zsh) = run('help', '--zsh-completion');
my (undef, $main) = run('help', '--man');
spit(tmp('bash'), $bash);
spit(tmp('zsh'), $zsh);

for my $cmd (@commands) {
	my (undef, $help) = run('help', $cmd);
	my ($exit, $man) = run('help', '--man', $cmd);
	is($exit, 0, "man $cmd");
	like($main, qr/^\.BR spbreplay\\-\Q$cmd\E \(1\)$/m, "spbreplay(1) names $cmd");
	like($man, qr/^\.SH $_$/m, "man $cmd: $_") for 'NAME', 'SYNOPSIS', 'OPTIONS', 'EXAMPLES', 'EXIT STATUS';
	my ($words) = $bash =~ /^\t\Q$cmd\E\) words='([^']*)'/m;
	my ($args) = $zsh =~ /^\t\t\Q$cmd\E\) _arguments \\\n(.*?);;$/ms;
	my @options = $help =~ /^  (?:-(\w),|  ) --([\w-]+)(?: \S+)?  +\S/mg;
	cmp_ok(scalar @options, '>=', 4, "$cmd: options");
	my @lacking;
	while (my ($letter, $long) = splice(@options, 0, 2)) {
		(my $roff = $long) =~ s/-/\\-/g;
		my $short = defined $letter ? "\\\\fB\\\\-$letter\\\\fR, " : '';
		push(@lacking, "man --$long") unless $man =~ /^$short\\fB\\-\\-\Q$roff\E\\fR.*\n\S/m;
		push(@lacking, "bash --$long") unless " $words " =~ / --\Q$long\E / && (!$letter || " $words " =~ / -$letter /);
		push(@lacking, "zsh --$long") unless $args =~ /--\Q$long\E[}'\[].*\[?\S/;
	}
	is("@lacking", '', "$cmd: no option lacks its line in manual page, bash or zsh completion");
}
is((run('help', 'help'))[1], $list, 'help help, which the list has');
fails(2, qr/no command 'nosuch'/, 'help', '--man', 'nosuch');

# The shells and the formatter take them.
SKIP: {
	skip('bash is not installed', 7) if system('command -v bash >/dev/null 2>&1');
	is(system('bash', '-n', tmp('bash')), 0, 'bash reads its completion');
	my $complete = sub {
		my @words = @_;
		local $ENV{WORDS} = join("\n", @words);
		local $ENV{SCRIPT} = tmp('bash');
		return scalar qx(bash -c '. "\$SCRIPT"; mapfile -t COMP_WORDS <<<"\$WORDS"; COMP_CWORD=\$((\${#COMP_WORDS[\@]}-1)); _spbreplay; echo "\${COMPREPLY[\@]}"');
	};
	is($complete->('spbreplay', 'comp'), "compare\n", 'a command');
	is($complete->('spbreplay', 'compare', '--win'), "--window\n", 'an option');
	is($complete->('spbreplay', 'compare', '-V', 'spb-v1-ho'), "spb-v1-hotpath\n", 'a variant');
	is($complete->('spbreplay', 'diff', '--sort', 'p'), "percent\n", 'a word');
	is($complete->('spbreplay', 'compare', '--seed', ''), "\n", 'nothing for a number');
	like($complete->('spbreplay', 'help', ''), qr/\bcompare\b.*\bmetrics\b/, 'help');
}
SKIP: {
	skip('zsh is not installed', 1) if system('command -v zsh >/dev/null 2>&1');
	is(system('zsh', '-n', tmp('zsh')), 0, 'zsh reads its completion');
}
SKIP: {
	skip('groff is not installed', 1 + @commands) if system('command -v groff >/dev/null 2>&1');
	for my $page ('spbreplay', @commands) {
		my (undef, $man) = run('help', '--man', $page);
		spit(tmp('page.1'), $man);
		my $said = qx(groff -man -Tascii -ww @{[tmp('page.1')]} 2>&1 >/dev/null);
		is($said, '', "groff has nothing to say about $page(1)");
	}
}

# Every example of a manual page works as it stands, in a folder with a capture and its snapshot.
my $dir = tmp('work');
mkdir($dir);
mkdir("$dir/before");
copy("$root/examples/saturation/trace.dat", $dir);
my $pages = 12 << 18;
spit("$dir/before/zoneinfo", "Node 0, zone   Normal\n  pages free $pages\n        spanned  $pages\n"
	. "        present  $pages\n        managed  $pages\n  start_pfn:           1048576\n");
my %before = (
	# The example of replay wrote into the same folder.
	batch => 'printf "host,capture,snapshot\\na,trace.dat,before\\nb,trace.dat,\\n" >hosts.csv',
	check => 'cp -r before after',
	merge => 'rm -rf results && spbreplay batch -q -o results/ -V spb-v1-none -V spb-v1-hotpath hosts.csv',
	diff => 'spbreplay compare -q -i trace.dat -s before/ -o out/ && spbreplay replay -q -i trace.dat -s before/ -V spb-v1-none -o before-run/ && '
		. 'spbreplay replay -q -i trace.dat -s before/ -V spb-v1-hotpath -o after-run/',
);
mkdir(tmp('bin'));
symlink($ENV{SPBREPLAY} // "$root/spbreplay", tmp('bin/spbreplay'));
$ENV{PATH} = tmp('bin') . ":$ENV{PATH}";
for my $cmd (@commands) {
	my (undef, $man) = run('help', '--man', $cmd);
	my @examples = $man =~ /^\.nf\n(.*)\n\.fi$/mg;
	cmp_ok(scalar @examples, '>', 0, "$cmd: has examples");
	is((sh("cd '$dir' && { $before{$cmd}; } >/dev/null"))[0], 0, "$cmd: made ready") if $before{$cmd};
	# Recording needs root and tracefs; record.t does it for real where they are.
	next if $cmd eq 'record';
	for my $line (@examples) {
		(my $shell = $line) =~ s/\\-/-/g;
		my ($exit, undef, $err) = sh("cd '$dir' && $shell");
		my $want = $shell =~ /--exit-code/ ? 1 : 0;
		is($exit, $want, "example: $shell") or diag($err);
	}
}

done_testing();
