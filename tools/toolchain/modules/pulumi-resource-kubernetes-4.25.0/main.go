// Command pulumi-resource-kubernetes is the Pulumi provider for Kubernetes.
//
// The provider's own main package cannot be built as a dependency, because the two
// files it embeds are generated and not part of the module; the toolchain copies
// their sources beside this file before it builds.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, terraformMapping)
}
