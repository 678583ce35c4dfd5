package org.secateur.profilers.cuda;

/** Something native that is released once, by {@link #close()}. */
interface Resource extends AutoCloseable {
    @Override
    void close();
}
