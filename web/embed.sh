#!/bin/sh
# embed.sh FOLDER OUT WORK: writes OUT, a C file that holds every file of FOLDER that a browser asks for, as it is
# and compressed (gzip; Brotli where it is installed). WORK keeps the compressed copies.
set -eu
folder=$1 out=$2 work=$3
rm -rf "$work"
mkdir -p "$work" "$(dirname "$out")"

type_of() {
	case $1 in
	*.html) echo 'text/html; charset=utf-8' ;;
	*.js | *.mjs) echo 'text/javascript; charset=utf-8' ;;
	*.css) echo 'text/css; charset=utf-8' ;;
	*.svg) echo 'image/svg+xml' ;;
	*.png) echo 'image/png' ;;
	*.ico) echo 'image/x-icon' ;;
	*.json) echo 'application/json' ;;
	*.webmanifest) echo 'application/manifest+json' ;;
	*.woff2) echo 'font/woff2' ;;
	*.txt) echo 'text/plain; charset=utf-8' ;;
	esac
}

# What belongs to the development of the page is no part of it.
list() {
	[ -d "$folder" ] || return 0
	(cd "$folder" && find . -type f ! -path '*/node_modules/*' ! -name 'package*.json' ! -name '.*') |
		sed 's|^\./||' | LC_ALL=C sort
}

size_of() {
	stat -c %s "$1"
}

# body SYMBOL FILE: the octets of FILE as SYMBOL.
body() {
	printf '__asm__(".section .rodata\\n.balign 8\\n%s:\\n.incbin \\"%s\\"\\n.previous\\n");\n' "$1" "$(realpath "$2")"
	printf 'extern const unsigned char %s[];\n' "$1"
}

# coding NAME SUFFIX SOURCE: that compressed copy, where it is there and smaller than SOURCE.
coding() {
	if [ -s "$work/$1.$2" ] && [ "$(size_of "$work/$1.$2")" -lt "$(size_of "$3")" ]; then
		body "$1_$2" "$work/$1.$2" >>"$work/bodies"
		printf ', {%s_%s, %s}' "$1" "$2" "$(size_of "$work/$1.$2")" >>"$work/table"
	else
		printf ', {0, 0}' >>"$work/table"
	fi
}

: >"$work/bodies"
: >"$work/table"
number=0
for file in $(list); do
	type=$(type_of "$file")
	[ -n "$type" ] || continue
	source=$folder/$file
	name=asset_$number
	number=$((number + 1))
	body "$name" "$source" >>"$work/bodies"
	gzip -9nc "$source" >"$work/$name.gz"
	if command -v brotli >/dev/null; then
		brotli -q 11 -c "$source" >"$work/$name.br"
	fi
	printf '\t{"/%s", "%s", "%s", {%s, %s}' "$file" "$type" "$(sha256sum "$source" | cut -c1-40)" "$name" \
		"$(size_of "$source")" >>"$work/table"
	coding "$name" gz "$source"
	coding "$name" br "$source"
	printf '},\n' >>"$work/table"
done

{
	echo '/* Made by web/embed.sh. */'
	echo '#include "web/asset.h"'
	cat "$work/bodies"
	echo 'const struct asset asset_table[] = {'
	cat "$work/table"
	echo '	{0},'
	echo '};'
	echo "const size_t asset_count = $number;"
} >"$out.new"
mv "$out.new" "$out"
