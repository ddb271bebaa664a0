/** Answers as text: etcdctl's simple, table and json. Knows no command and no network. */
@NullMarked
package io.leasehold.cli.output;

import org.jspecify.annotations.NullMarked;
