from django.contrib import admin

from .models import Note


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    list_display = ['title', 'created', 'file']
    list_filter = ['created']
    search_fields = ['title', 'text']
