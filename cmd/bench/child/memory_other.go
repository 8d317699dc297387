// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package child

import "os"

func memoryMax(*os.ProcessState) int64 { return 0 }
