/* Its symbol is there, and its address is null. */
__asm__(".globl reissue_connector_v0\n.set reissue_connector_v0, 0\n");
