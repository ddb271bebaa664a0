/** Requests to members as they are on the wire, so that their answers can be shown as they came. */
@NullMarked
package io.leasehold.cli.wire;

import org.jspecify.annotations.NullMarked;
