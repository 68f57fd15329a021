/* SPDX-License-Identifier: ISC */
/* Any octets as a message between processes: the first says who sent it. What is
 * taken has the length that its type says, and came from one who may say it. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/ipc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipc_message m;
	int ends[2];

	if (size < 2 || ipc_pair(ends) != 0)
		return 0;
	if (send(ends[0], data + 1, size - 1, MSG_DONTWAIT) == (ssize_t)(size - 1) &&
	    ipc_receive(ends[1], (enum ipc_peer)(1 + data[0] % (IPC_PEER__END - 1)), &m) ==
		IPC_OK) {
		if (m.type == 0 || m.type >= IPC__END || m.length + 8 != size - 1 || m.fd != -1)
			abort();
		if (m.type == IPC_SET_TEST &&
		    ipc_set_size(((const struct ipc_set *)m.body)->count) != m.length)
			abort();
		if (m.type == IPC_COUNTERS &&
		    ipc_counters_size(((const struct ipc_counters *)m.body)->count) != m.length)
			abort();
	}
	close(ends[0]);
	close(ends[1]);
	return 0;
}
