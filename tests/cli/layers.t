#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The house rules that a script can see: layers include only downwards, libraries neither print nor
# exit nor look at the environment or the clock, files and functions stay short.
use strict;
use warnings;
use FindBin;
use Test::More;

my $root = "$FindBin::Bin/../..";
my $build = $ENV{SPB_BUILD} // "$root/build";

# Who may include whom. Parsers see of replay/ only the log writer and what it
# needs: events, errors, the hash.
my %may = (
	model => qr{^model/},
	replay => qr{^(model|replay)/},
	parsers => qr{^(parsers/|model/types\.h|replay/(log/(log|event)|base/(error|hash|cpulist|temp_name|temp_file))\.h)},
	cmd => qr{^(cmd|parsers|replay|model)/},
);
# Third-party headers by layer.
my %libs = (
	model => qr{^$},
	replay => qr{^(zstd|json-c)},
	parsers => qr{^(zstd|zlib|event-parse|traceevent|kbuffer)},
	cmd => qr{^(json-c|zstd|tracefs|event-parse|malloc|dlfcn)},
);
my $libc = qr{^(assert|ctype|dirent|errno|fcntl|getopt|inttypes|libgen|stdio_ext|limits|locale|math|poll|pthread|sched|signal|stdatomic|
		stdarg|stdbool|stddef|stdint|stdio|stdlib|string|strings|time|unistd|sys/\w+|linux/\w+|byteswap|
		endian)\.h$}x;

for my $layer (sort keys %may) {
	my (@wrong, @long);
	for my $file (sort glob("$root/$layer/*.[ch] $root/$layer/*/*.[ch]")) {
		my $name = $file =~ s{^\Q$root\E/}{}r;
		open(my $f, '<', $file) or die "$file: $!";
		my ($lines, $start) = (0, 0);
		while (<$f>) {
			$lines++;
			if (/^#include "([^"]+)"/) {
				push(@wrong, "$name includes $1") unless $1 =~ $may{$layer};
			} elsif (/^#include <([^>]+)>/ && $1 !~ $libc) {
				push(@wrong, "$name includes <$1>") unless $1 =~ $libs{$layer};
			}
			$start = $lines if /^\{/;
			push(@long, "$name:$start: " . ($lines - $start) . ' lines')
				if /^\}/ && $start && $lines - $start > 80;
		}
		push(@long, "$name: $lines lines") if $lines > 700;
	}
	is("@wrong", '', "$layer includes only what it may");
	is("@long", '', "$layer: no function over 80 lines, no file over 700");
}

# What a library must not call.
my $never = qr{^(exit|_exit|abort|printf|puts|putchar|perror|getenv|setenv|time|clock_gettime|gettimeofday|
		  rand|random|srand|system|popen|__assert_fail|__printf_chk)$}x;
for my $lib (qw(spbmodel replay parsers)) {
	my $file = "$build/lib$lib.a";
	SKIP: {
		skip("no $file", 1) unless -e $file && `which nm 2>/dev/null`;
		my %bad = map { $_ => 1 } grep { $_ =~ $never }
			map { /^\s+U (\w+)/ ? $1 : () } `nm '$file' 2>/dev/null`;
		is(join(' ', sort keys %bad), '', "lib$lib calls nothing that it must not");
	}
}

# Each script is started by itself.
is(join(' ', grep { !-x } glob("$root/tests/*/*.t")), '', 'tests are programs');

done_testing();
