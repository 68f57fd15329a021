/* SPDX-License-Identifier: ISC */
/* Gives every seed of a fuzz target to it once, without a fuzzer: what was found
 * and put right stays right. Reads the files that are named, else all in SEEDS. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	long size = 0;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(f);
	uint8_t *data = malloc((size_t)size); /* no octet more: ASan sees a read behind the end */
	if ((data == NULL && size > 0) || fread(data, 1, (size_t)size, f) != (size_t)size) {
		perror(path);
		exit(1);
	}
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}

static int
replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	char path[4096];
	int n = 0;

	if (dir == NULL) {
		perror(folder);
		return 1;
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		replay(path);
		n++;
	}
	closedir(dir);
	printf("%d seeds of %s\n", n, folder);
	return n > 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		return replay_folder(SEEDS);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	return 0;
}
