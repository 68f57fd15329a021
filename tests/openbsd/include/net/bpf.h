/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NET_BPF_H
#define OPENBSD_NET_BPF_H

#include <sys/types.h>
struct bpf_insn {
	u_int16_t code;
	u_char jt, jf;
	u_int32_t k;
};
struct bpf_program {
	u_int bf_len;
	struct bpf_insn *bf_insns;
};
struct bpf_timeval {
	u_int32_t tv_sec, tv_usec;
};
struct bpf_hdr {
	struct bpf_timeval bh_tstamp;
	u_int32_t bh_caplen, bh_datalen;
	u_int16_t bh_hdrlen, bh_ifidx, bh_flowid;
	u_int8_t bh_flags, bh_drops;
};
#define SIZEOF_BPF_HDR 20
#define BPF_WORDALIGN(x) (((x) + 3) & ~3)
#define BPF_LD 0x00
#define BPF_H 0x08
#define BPF_ABS 0x20
#define BPF_JMP 0x05
#define BPF_JEQ 0x10
#define BPF_K 0x00
#define BPF_RET 0x06
#define BPF_STMT(code, k)                  \
	{                                  \
		(u_int16_t)(code), 0, 0, k \
	}
#define BPF_JUMP(code, k, jt, jf)            \
	{                                    \
		(u_int16_t)(code), jt, jf, k \
	}
#define DLT_EN10MB 1
#define BPF_DIRECTION_IN 1
#define BPF_DIRECTION_OUT 2
#define BIOCSBLEN _IOWR('B', 102, u_int)
#define BIOCSETF _IOW('B', 103, struct bpf_program)
#define BIOCGDLT _IOR('B', 106, u_int)
#define BIOCSETIF _IOW('B', 108, struct ifreq)
#define BIOCIMMEDIATE _IOW('B', 112, u_int)
#define BIOCSHDRCMPLT _IOW('B', 117, u_int)
#define BIOCLOCK _IO('B', 118)
#define BIOCSDIRFILT _IOW('B', 125, u_int)

#endif
