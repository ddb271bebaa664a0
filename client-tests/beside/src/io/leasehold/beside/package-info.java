/** The client in projects that have a gRPC of their own; see the modules beside. */
@NullMarked
package io.leasehold.beside;

import org.jspecify.annotations.NullMarked;
