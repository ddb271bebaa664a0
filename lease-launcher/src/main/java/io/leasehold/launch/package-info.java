/**
 * What the launcher script cannot do in shell: are ports free, does the cluster lead, serve and
 * answer. Entry class: {@link io.leasehold.launch.Main}. A short-lived process with one thread.
 */
@NullMarked
package io.leasehold.launch;

import org.jspecify.annotations.NullMarked;
