// SPDX-License-Identifier: Apache-2.0

package caep

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"github.com/aer-project/aer/sinks/secret"
)

// minRSABits is what the CAEP interoperability profile demands of RS256.
const minRSABits = 2048

// readKey reads a private key: PEM with PKCS #8, PKCS #1 or SEC 1. Its id is the RFC 7638 thumbprint, so that it
// follows from the key and a new key has a new one. Errors never repeat the text.
func readKey(ctx context.Context, s secret.Source) (jose.JSONWebKey, error) {
	v, err := s.Get(ctx)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	block, _ := pem.Decode([]byte(v.Reveal()))
	if block == nil {
		return jose.JSONWebKey{}, errors.New("signing key is no PEM, want -----BEGIN PRIVATE KEY-----")
	}
	private, err := parseDER(block.Bytes)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	alg, err := algorithm(private)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	k := jose.JSONWebKey{Key: private, Algorithm: string(alg), Use: "sig"}
	sum, err := k.Thumbprint(crypto.SHA256)
	if err != nil {
		return jose.JSONWebKey{}, errors.New("signing key has no thumbprint")
	}
	k.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	return k, nil
}

func parseDER(der []byte) (any, error) {
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return k, nil
	}
	return nil, errors.New("signing key is no unencrypted private key, want PKCS #8")
}

func algorithm(private any) (jose.SignatureAlgorithm, error) {
	switch k := private.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < minRSABits {
			return "", fmt.Errorf("signing key has %d bits, want at least %d", k.N.BitLen(), minRSABits)
		}
		return jose.RS256, nil
	case *ecdsa.PrivateKey:
		if k.Curve == elliptic.P256() {
			return jose.ES256, nil
		}
	case ed25519.PrivateKey:
		return jose.EdDSA, nil
	}
	return "", errors.New("signing key is of another kind, want RSA, P-256 or Ed25519")
}
