/** The command line's grammar: flags as etcdctl's users write them. Knows no command. */
@NullMarked
package io.leasehold.cli.flag;

import org.jspecify.annotations.NullMarked;
