// SPDX-License-Identifier: GPL-2.0-or-later
#include "swtpm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tcti.h>
#include <unistd.h>

#include "../../tools/common/cursor.h"

#define NONE	 ESYS_TR_NONE
#define OK(call) assert_int_equal(call, TSS2_RC_SUCCESS)

/*
 * The transport: a socket pair
 */

static int fd_of(TSS2_TCTI_CONTEXT *ctx)
{
	return ((struct swtpm *)ctx)->fd;
}

static TSS2_RC transmit(TSS2_TCTI_CONTEXT *ctx, size_t size, const uint8_t *command)
{
	return write(fd_of(ctx), command, size) == (ssize_t)size ? TSS2_RC_SUCCESS
								 : TSS2_TCTI_RC_IO_ERROR;
}

static bool read_all(int fd, uint8_t *to, size_t size)
{
	while (size) {
		ssize_t n = read(fd, to, size);

		if (n <= 0)
			return false;
		to += n;
		size -= (size_t)n;
	}
	return true;
}

/* The response's size is in its header; without a buffer it alone is asked for. */
static TSS2_RC receive(TSS2_TCTI_CONTEXT *ctx, size_t *size, uint8_t *response, int32_t timeout)
{
	struct swtpm *t = (struct swtpm *)ctx;
	struct cur c = cur_reader(t->header, sizeof(t->header));

	(void)timeout;
	if (!t->response_len) {
		if (!read_all(t->fd, t->header, sizeof(t->header)))
			return TSS2_TCTI_RC_IO_ERROR;
		cur_skip(&c, 2);
		t->response_len = cur_get_be32(&c);
		if (t->response_len < sizeof(t->header))
			return TSS2_TCTI_RC_MALFORMED_RESPONSE;
	}
	if (!response || *size < t->response_len) {
		*size = t->response_len;
		return response ? TSS2_TCTI_RC_INSUFFICIENT_BUFFER : TSS2_RC_SUCCESS;
	}
	*size = t->response_len;
	t->response_len = 0;
	memcpy(response, t->header, sizeof(t->header));
	return read_all(t->fd, response + sizeof(t->header), *size - sizeof(t->header))
		       ? TSS2_RC_SUCCESS
		       : TSS2_TCTI_RC_IO_ERROR;
}

static void spawn(struct swtpm *t)
{
	char state[128], fd[16];
	int pair[2], null;

	strcpy(t->dir, "/tmp/libctpm-swtpm-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	snprintf(state, sizeof(state), "dir=%s", t->dir);
	snprintf(fd, sizeof(fd), "%d", pair[1]);
	t->pid = fork();
	assert_true(t->pid >= 0);
	if (!t->pid) {
		null = open("/dev/null", O_RDWR);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		fcntl(pair[1], F_SETFD, 0);
		execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--fd", fd,
		       "--flags", "not-need-init,startup-clear", (char *)NULL);
		fprintf(stderr, "swtpm: %s\n", strerror(errno));
		_exit(127);
	}
	close(pair[1]);
	t->fd = pair[0];
}

static void remove_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' || (e->d_name[1] && e->d_name[1] != '.'))
			unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

/*
 * Keys
 */

#define HOME (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN)

/* TCG EK Credential Profile, templates L-1 and L-2: TPM2_PolicySecret(TPM_RH_ENDORSEMENT) */
static const TPM2B_DIGEST ek_policy = {
	.size = 32,
	.buffer = { 0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
		    0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
		    0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa },
};

static TPM2B_PUBLIC ek_template(TPMI_ALG_PUBLIC type)
{
	TPMT_SYM_DEF_OBJECT aes = { .algorithm = TPM2_ALG_AES,
				    .keyBits.aes = 128,
				    .mode.aes = TPM2_ALG_CFB };
	TPM2B_PUBLIC p = {
		.publicArea = { .type = type,
				.nameAlg = TPM2_ALG_SHA256,
				.objectAttributes = HOME | TPMA_OBJECT_ADMINWITHPOLICY |
						    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
				.authPolicy = ek_policy },
	};

	if (type == TPM2_ALG_RSA) {
		p.publicArea.parameters.rsaDetail = (TPMS_RSA_PARMS){
			.symmetric = aes, .scheme.scheme = TPM2_ALG_NULL, .keyBits = 2048
		};
		p.publicArea.unique.rsa.size = 256;
	} else {
		p.publicArea.parameters.eccDetail =
			(TPMS_ECC_PARMS){ .symmetric = aes,
					  .scheme.scheme = TPM2_ALG_NULL,
					  .curveID = TPM2_ECC_NIST_P256,
					  .kdf.scheme = TPM2_ALG_NULL };
		p.publicArea.unique.ecc.x.size = p.publicArea.unique.ecc.y.size = 32;
	}
	return p;
}

static const TPM2B_PUBLIC ak_template = {
	.publicArea = { .type = TPM2_ALG_ECC,
			.nameAlg = TPM2_ALG_SHA256,
			.objectAttributes = HOME | TPMA_OBJECT_USERWITHAUTH |
					    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT,
			.parameters.eccDetail = { .symmetric.algorithm = TPM2_ALG_NULL,
						  .scheme = { .scheme = TPM2_ALG_ECDSA,
							      .details.ecdsa.hashAlg =
								      TPM2_ALG_SHA256 },
						  .curveID = TPM2_ECC_NIST_P256,
						  .kdf.scheme = TPM2_ALG_NULL } },
};

static void make_primary(struct swtpm *t, const TPM2B_PUBLIC *template, ESYS_TR *key,
			 TPM2B_PUBLIC **public)
{
	static const TPM2B_SENSITIVE_CREATE sensitive;
	static const TPM2B_DATA outside;
	static const TPML_PCR_SELECTION pcrs;

	OK(Esys_CreatePrimary(t->esys, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD, NONE, NONE,
			      &sensitive, template, &outside, &pcrs, key, public, NULL, NULL,
			      NULL));
}

void swtpm_start(struct swtpm *t, TPMI_ALG_PUBLIC ek)
{
	TPM2B_PUBLIC template = ek_template(ek);

	memset(t, 0, sizeof(*t));
	t->tcti = (TSS2_TCTI_CONTEXT_COMMON_V1){ .version = 1,
						 .transmit = transmit,
						 .receive = receive };
	spawn(t);
	OK(Esys_Initialize(&t->esys, (TSS2_TCTI_CONTEXT *)t, NULL));
	make_primary(t, &template, &t->ek, &t->ek_public);
	make_primary(t, &ak_template, &t->ak, &t->ak_public);
}

void swtpm_stop(struct swtpm *t)
{
	Esys_Free(t->ek_public);
	Esys_Free(t->ak_public);
	Esys_Finalize(&t->esys);
	close(t->fd);
	kill(t->pid, SIGTERM);
	assert_int_equal(waitpid(t->pid, NULL, 0), t->pid);
	remove_dir(t->dir);
}

/* A session that fulfils the EK's policy */
static ESYS_TR ek_session(struct swtpm *t)
{
	static const TPMT_SYM_DEF none = { .algorithm = TPM2_ALG_NULL };
	ESYS_TR session;

	OK(Esys_StartAuthSession(t->esys, NONE, NONE, NONE, NONE, NONE, NULL, TPM2_SE_POLICY, &none,
				 TPM2_ALG_SHA256, &session));
	OK(Esys_PolicySecret(t->esys, ESYS_TR_RH_ENDORSEMENT, session, ESYS_TR_PASSWORD, NONE, NONE,
			     NULL, NULL, NULL, 0, NULL, NULL));
	return session;
}

bool swtpm_activate(struct swtpm *t, struct ctpm_bytes credential, struct ctpm_bytes secret,
		    uint8_t key[CTPM_CREDENTIAL_SIZE])
{
	TPM2B_ENCRYPTED_SECRET s = { 0 };
	TPM2B_ID_OBJECT id = { 0 };
	size_t at = 0, used = 0;
	TPM2B_DIGEST *out = NULL;
	ESYS_TR session;
	bool ok;

	/* a guest has to look at it before its TPM does */
	if (Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(credential.data, credential.len, &at, &id) ||
	    Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(secret.data, secret.len, &used, &s) ||
	    at != credential.len || used != secret.len)
		return false;
	session = ek_session(t);
	ok = !Esys_ActivateCredential(t->esys, t->ak, t->ek, ESYS_TR_PASSWORD, session, NONE, &id,
				      &s, &out) &&
	     out->size == CTPM_CREDENTIAL_SIZE;
	if (ok)
		memcpy(key, out->buffer, CTPM_CREDENTIAL_SIZE);
	OK(Esys_FlushContext(t->esys, session));
	Esys_Free(out);
	return ok;
}

void swtpm_give(struct swtpm *t, struct guest *g)
{
	struct blob *ek = &g->ek_bytes;
	TPMS_TIME_INFO *now;

	ek->len = 0;
	OK(Tss2_MU_TPMT_PUBLIC_Marshal(&t->ek_public->publicArea, ek->data, sizeof(ek->data),
				       &ek->len));
	assert_true(
		tpm_name((struct ctpm_bytes){ ek->data, ek->len }, TPM2_ALG_SHA256, &g->ek_name));
	g->ak_public = t->ak_public->publicArea;
	guest_publish_ak(g);
	OK(Esys_ReadClock(t->esys, NONE, NONE, NONE, &now));
	g->reset_count = now->clockInfo.resetCount;
	g->restart_count = now->clockInfo.restartCount;
	Esys_Free(now);
	memset(g->pcrs.value, 0, sizeof(g->pcrs.value));
}

void swtpm_extend(struct swtpm *t, uint32_t pcr, const void *data, size_t len)
{
	TPML_DIGEST_VALUES digests = { .count = 1, .digests = { { .hashAlg = TPM2_ALG_SHA256 } } };

	assert_int_equal(
		EVP_Digest(data, len, digests.digests[0].digest.sha256, NULL, EVP_sha256(), NULL),
		1);
	OK(Esys_PCR_Extend(t->esys, pcr, ESYS_TR_PASSWORD, NONE, NONE, &digests));
}

void swtpm_attest(struct swtpm *t, struct guest *g, const struct verifier *v)
{
	static const TPMT_SIG_SCHEME own = { .scheme = TPM2_ALG_NULL };
	TPM2B_ATTEST *attest;
	TPMT_SIGNATURE *signature;
	uint8_t quote[4096];
	size_t len = 0;

	guest_claim(g, v);
	/* for what it makes of qualifyingData and the selection */
	guest_quote(g, v);
	OK(Esys_Quote(t->esys, t->ak, ESYS_TR_PASSWORD, NONE, NONE, &g->attest.extraData, &own,
		      &g->attest.attested.quote.pcrSelect, &attest, &signature));
	OK(Tss2_MU_TPM2B_ATTEST_Marshal(attest, quote, sizeof(quote), &len));
	OK(Tss2_MU_TPMT_SIGNATURE_Marshal(signature, quote, sizeof(quote), &len));
	guest_deliver(g, (struct ctpm_bytes){ quote, len });
	Esys_Free(attest);
	Esys_Free(signature);
}
